import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol
import AlulaSystem

/// The reference's files of paired and waiting devices, `devices/paired.json` and `devices/pending.json`.
///
/// Other programs read and write them as well, without a lock. So they are read again whenever they have changed, right
/// before each change too, and what an entry holds besides what is known here stays in it.
package struct DeviceFiles: Sendable {
    /// A file that is longer holds something else.
    private static let maximum = ByteCount.mebibytes(16)

    private let paired: String
    private let pending: String
    private let lock: String

    package init(_ layout: StateLayout) {
        self.init(directory: "\(layout.state)/devices", lock: "\(layout.own)/devices.lock")
    }

    /// - Parameter lock: A file of ours that excludes our own programs from changing the files at once.
    init(directory: String, lock: String) {
        paired = "\(directory)/paired.json"
        pending = "\(directory)/pending.json"
        self.lock = lock
    }

    /// Both files as they were at one time.
    package struct Contents: Sendable {
        package var book: DeviceBook
        fileprivate var paired: DeviceDocument
        fileprivate var pending: DeviceDocument
        fileprivate var version: Version

        /// Notes in `book` what other programs have taken away.
        fileprivate func tellNews(since known: Contents?, in book: inout DeviceBook) {
            if let known, known.version != version { book.noticeWithdrawals(since: known.book) }
        }
    }

    /// Which files in which state.
    fileprivate struct Version: Hashable, Sendable {
        var paired: FileIdentity?
        var pending: FileIdentity?
    }

    /// What is in the files; `known` itself when they have not changed since. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/fileDamaged`` when the paired devices can't be understood, so that nobody takes them
    ///   for gone; ``StateError/Code/fileUnusable``.
    package func load(knowing known: Contents? = nil) throws(StateError) -> Contents {
        if let known, try version() == known.version { return known }
        let (pairedFile, pendingFile) = (try read(paired), try read(pending))
        let devices = try DeviceDocument(pairedFile?.bytes)
        let requests: DeviceDocument
        do throws(StateError) {
            requests = try DeviceDocument(pendingFile?.bytes)
        } catch {
            // Requests live for minutes and are asked again; a damaged file of them is like none.
            requests = DeviceDocument()
        }
        return Contents(
            book: DeviceBook(devices: devices.devices, requests: requests.requests), paired: devices,
            pending: requests, version: Version(paired: pairedFile?.identity, pending: pendingFile?.identity))
    }

    /// Runs `body` on what is in the files and writes what it changed, whole or not at all. Blocks the calling thread.
    ///
    /// When another program writes at the same time, `body` runs again on what is there then.
    ///
    /// - Returns: What is in the files now, what the last run returned, and what others are to be told; that includes
    ///   rights that were there in `known` and that another program has taken away.
    /// - Throws: ``StateError/Code/fileDamaged``, ``StateError/Code/fileUnusable``; the files are as they were.
    package func change<Value>(
        knowing known: Contents? = nil, deadline: Deadline, _ body: (inout DeviceBook) -> Value
    ) throws(StateError) -> (contents: Contents, value: Value, news: [DeviceBook.News]) {
        var contents = try load(knowing: known)
        var book = contents.book
        contents.tellNews(since: known, in: &book)
        var value = body(&book)
        guard !book.changes.isEmpty else { return (contents, value, book.news) }
        let held = try Self.translating("locked") { () throws(SystemError) in
            try Directory.make(PathText.directory(of: lock))
            return try FileLock.acquire(lock, note: [], deadline: deadline)
        }
        defer { held.release() }
        if try version() != contents.version {
            contents = try load()
            book = contents.book
            contents.tellNews(since: known, in: &book)
            value = body(&book)
        }
        try write(book, over: &contents)
        let news = book.news
        book.settle()
        contents.book = book
        return (contents, value, news)
    }

    // MARK: Steps

    private func write(_ book: DeviceBook, over contents: inout Contents) throws(StateError) {
        let changes = book.changes
        // The paired devices first: a request that is still there does no harm, a lost device would.
        if !changes.isDisjoint(with: [.devices, .usage]) {
            contents.paired.put(book.devices)
            contents.version.paired = try replace(paired, with: contents.paired)
        }
        if changes.contains(.requests) {
            contents.pending.put(book.requests)
            contents.version.pending = try replace(pending, with: contents.pending)
        }
    }

    private func replace(_ path: String, with document: DeviceDocument) throws(StateError) -> FileIdentity {
        try Self.translating("written") { () throws(SystemError) in
            try Directory.make(PathText.directory(of: path))
            return try DurableFile.replace(path, with: document.bytes).identity
        }
    }

    private func version() throws(StateError) -> Version {
        try Self.translating("read") { () throws(SystemError) in
            Version(paired: try FileIdentity.ofExisting(paired), pending: try FileIdentity.ofExisting(pending))
        }
    }

    private func read(_ path: String) throws(StateError) -> FileContents? {
        try Self.translating("read") { () throws(SystemError) in
            try FileReader.readExisting(path, maximum: Self.maximum)
        }
    }

    private static func translating<Value>(
        _ attempt: String, _ body: () throws(SystemError) -> Value
    ) throws(StateError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw StateError(
                .fileUnusable, "The files of paired devices can't be \(attempt). \(error.message)", underlying: error)
        }
    }
}
