package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file of lines that only grows at its end, for its owner only, and never beyond a bound: a full one is put aside as
/// `<path>.1`, in place of the one that was put aside before.
package struct BoundedJournal: Sendable {
    private let path: String
    private let maximum: ByteCount

    package init(path: String, maximum: ByteCount) {
        self.path = path
        self.maximum = maximum
    }

    /// Adds `line`, which holds no line break, and makes the directory if need be. Blocks the calling thread.
    ///
    /// Who may write at the same time as somebody else holds a lock around this.
    package func append(_ line: String) throws(SystemError) {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        try Directory.make(PathText.directory(of: path))
        var file = try open()
        var bytes = Array(line.utf8) + [0x0A]
        if file.identity.size > 0, Int(file.identity.size) + bytes.count > maximum.bytes {
            close(file.descriptor)
            guard rename(path, path + ".1") == 0 else { throw SystemError(.current, while: "put the journal aside") }
            file = try open()
        }
        defer { close(file.descriptor) }
        // A line that a full disk or a crash cut off ends where it is.
        if Self.isTorn(file.descriptor, Int(file.identity.size)) { bytes.insert(0x0A, at: 0) }
        do throws(ErrorNumber) {
            try Descriptor.writeAll(file.descriptor, bytes)
        } catch {
            throw SystemError(error, while: "write the journal")
        }
    }

    private func open() throws(SystemError) -> (descriptor: Int32, identity: FileIdentity) {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        let descriptor = Self.open(path, flags)
        guard descriptor >= 0 else { throw SystemError(.current, while: "open the journal") }
        do throws(SystemError) {
            let identity = try FileIdentity.of(descriptor: descriptor)
            try identity.requireRegular()
            if identity.mode != 0o600, fchmod(descriptor, 0o600) != 0 {
                throw SystemError(.current, while: "protect the journal")
            }
            return (descriptor, identity)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func isTorn(_ descriptor: Int32, _ size: Int) -> Bool {
        var last: UInt8 = 0x0A
        guard size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1 else { return false }
        return last != 0x0A
    }

    /// The system's `open` with rights for a new file, which this type's own hides.
    private static func open(_ path: String, _ flags: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, flags, 0o600)
        #else
        Darwin.open(path, flags, 0o600)
        #endif
    }
}
