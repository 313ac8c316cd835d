package import AlulaPrimitives
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file whose place on the disk is taken before its content is known, for what must not get lost once it is there: a
/// disk that is full, or a directory that may not be written, says so first, and keeping the content is then one write and
/// one flush.
///
/// Until it is filled the file holds zero bytes only, and so does what a crash leaves in the middle of the filling behind
/// what was written; ``content(of:maximum:)`` leaves them out.
package final class ReservedFile: Sendable {
    private let descriptor: Mutex<Int32>
    private let room: ByteCount
    package let path: String

    private init(_ descriptor: Int32, path: String, room: ByteCount) {
        self.descriptor = Mutex(descriptor)
        self.path = path
        self.room = room
    }

    deinit { descriptor.withLock { Descriptor.close($0) } }

    /// Makes an empty file of `room` bytes at `path` in place of what is there, for its owner only, and flushes its name.
    /// Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/noSpace``, ``SystemError/Code/notPermitted``, …; then nothing is left behind.
    package static func reserve(_ path: String, room: ByteCount) throws(SystemError) -> ReservedFile {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        guard unlink(path) == 0 || errno == ENOENT else {
            throw PathText.failure(.current, path: path, while: "replace the file")
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemError(.current, while: "make the file") }
        // From here on the descriptor has an owner that closes it.
        let file = ReservedFile(descriptor, path: path, room: room)
        do throws(SystemError) {
            try file.takeRoom()
            guard fsync(descriptor) == 0 else { throw SystemError(.current, while: "flush the file to the disk") }
            try Directory.flush(PathText.directory(of: path))
            return file
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Writes the content and flushes it. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/tooLarge`` for more than was reserved, or what the disk says.
    package func fill(_ bytes: [UInt8]) throws(SystemError) {
        BlockingContext.assertAllowed()
        guard bytes.count <= room.bytes else {
            throw SystemError(.tooLarge, "The content is larger than the room that was reserved for it.")
        }
        let failure = descriptor.withLock { descriptor -> ErrorNumber? in
            guard lseek(descriptor, 0, SEEK_SET) == 0 else { return .current }
            do throws(ErrorNumber) { try Descriptor.writeAll(descriptor, bytes) } catch { return error }
            return fsync(descriptor) == 0 ? nil : .current
        }
        if let failure { throw SystemError(failure, while: "keep the content") }
    }

    /// What such a file holds; `nil` when it is not there, empty when it was never filled. Blocks the calling thread.
    package static func content(of path: String, maximum: ByteCount) throws(SystemError) -> [UInt8]? {
        guard var bytes = try FileReader.readExisting(path, maximum: maximum)?.bytes else { return nil }
        while bytes.last == 0 { bytes.removeLast() }
        return bytes
    }

    private func takeRoom() throws(SystemError) {
        let (number, room) = (descriptor.withLock { $0 }, off_t(room.bytes))
        #if canImport(Glibc)
        let failure = posix_fallocate(number, 0, room)
        guard failure == 0 else { throw SystemError(ErrorNumber(failure), while: "take room on the disk") }
        #else
        guard ftruncate(number, room) == 0 else { throw SystemError(.current, while: "take room on the disk") }
        #endif
    }
}
