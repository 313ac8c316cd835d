import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A directory for checks that read files, in memory where the machine has such a place. Each input has its own.
final class FuzzDirectory: Sendable {
    let path: String

    private init(_ path: String) { self.path = path }

    deinit {
        do { try Directory.removeAll(path) } catch { perror("remove the directory of a fuzz target") }
    }

    /// Runs `body` in an empty directory.
    static func with<Value>(_ body: (FuzzDirectory) throws -> Value) throws -> Value {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        let directory = FuzzDirectory(try Directory.makeTemporary(in: parent, prefix: "alula-fuzz-"))
        return try body(directory)
    }

    /// Writes a file, and its directory; nothing when there are no bytes.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard !bytes.isEmpty else { return file }
        try Directory.make(PathText.directory(of: file))
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw BrokenProperty(description: "a file can't be written") }
        defer { close(descriptor) }
        let count = bytes.withUnsafeBytes { writeAll(descriptor, $0) }
        try require(count == bytes.count, "a file can't be written")
        return file
    }

    private func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// The bytes of a file, or `nil`.
    func read(_ name: String) throws -> [UInt8]? {
        try FileReader.readExisting("\(path)/\(name)", maximum: .mebibytes(16))?.bytes
    }
}
