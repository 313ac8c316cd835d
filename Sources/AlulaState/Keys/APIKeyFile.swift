package import AlulaPrimitives
package import AlulaProtocol
import AlulaSystem

/// `alula/api-keys.json`, which the command line changes and the gateway follows.
package struct APIKeyFile: Sendable {
    /// A file that is longer holds something else.
    private static let maximum = ByteCount.mebibytes(8)

    private let path: String
    private let lock: String

    package init(_ layout: StateLayout) {
        path = layout.apiKeys
        lock = layout.apiKeysLock
    }

    /// What is in the file; an empty book when there is none. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/fileDamaged``, ``StateError/Code/fileUnusable``.
    package func load() throws(StateError) -> APIKeyBook {
        let contents = try Self.translating("read") { () throws(SystemError) in
            try FileReader.readExisting(path, maximum: Self.maximum)
        }
        guard let book = APIKeyBook(contents?.bytes) else {
            throw StateError(
                .fileDamaged,
                "The file of API keys can't be understood, or is of a later version. Mend it, or move it away to begin anew."
            )
        }
        return book
    }

    /// Runs `body` on what is in the file and writes what it made of it, unless it throws. Blocks the calling thread.
    ///
    /// - Throws: What `body` throws; ``StateError/Code/fileDamaged``, ``StateError/Code/fileUnusable``. The file is as it
    ///   was then.
    package func change(deadline: Deadline, _ body: (inout APIKeyBook) throws -> Void) throws {
        let held = try Self.translating("locked") { () throws(SystemError) in
            try Directory.make(PathText.directory(of: lock))
            return try FileLock.acquire(lock, note: [], deadline: deadline)
        }
        defer { held.release() }
        var book = try load()
        try body(&book)
        _ = try Self.translating("written") { () throws(SystemError) in
            try DurableFile.replace(path, with: book.bytes)
        }
    }

    private static func translating<Value>(
        _ attempt: String, _ body: () throws(SystemError) -> Value
    ) throws(StateError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw StateError(
                .fileUnusable, "The file of API keys can't be \(attempt). \(error.message)", underlying: error)
        }
    }
}
