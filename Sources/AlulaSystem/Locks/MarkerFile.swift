package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A small file whose being there means something, such as that somebody holds a lock.
///
/// Only one of several programs can create it, and it is removed only while it is still the file that was meant.
package struct MarkerFile: Sendable {
    /// What is longer is not a marker.
    private static let maximum = ByteCount.kibibytes(16)

    package let path: String
    package let bytes: [UInt8]
    package let identity: FileIdentity

    /// What the file says about whoever made it.
    package var note: LockNote { LockNote(parsing: bytes) }

    /// Creates the file, which is whole from its first instant; `nil` when there is one already, or was a moment ago. Blocks
    /// the calling thread.
    ///
    /// An empty marker, as a process leaves that is killed between making and writing it, would name nobody and so keep
    /// everybody out until it is old. The content is written beside it, and that file gets the name.
    package static func create(_ path: String, _ bytes: [UInt8]) throws(SystemError) -> MarkerFile? {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        removeLeftoversIfPossible(of: path)
        let beside = UnfinishedFile.begin(for: path)
        defer { UnfinishedFile.end(beside) }
        guard let identity = try make(beside, bytes) else { return nil }
        defer { unlink(beside) }
        guard link(beside, path) != 0 else { return MarkerFile(path: path, bytes: bytes, identity: identity) }
        switch errno {
        case EEXIST: return nil
        // Somebody cleared up too thoroughly.
        case ENOENT: return nil
        // No second names here, as on some file systems: then the marker is empty for an instant.
        case EPERM, ENOTSUP, ENOSYS, EMLINK, EACCES:
            return try make(path, bytes).map { .init(path: path, bytes: bytes, identity: $0) }
        default: throw SystemError(.current, while: "make the lock file")
        }
    }

    /// Makes a file that isn't there yet.
    private static func make(_ path: String, _ bytes: [UInt8]) throws(SystemError) -> FileIdentity? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw SystemError(.current, while: "make the lock file")
        }
        defer { close(descriptor) }
        do throws(ErrorNumber) {
            try Descriptor.writeAll(descriptor, bytes)
        } catch {
            unlink(path)
            throw SystemError(error, while: "write the lock file")
        }
        return try FileIdentity.of(descriptor: descriptor)
    }

    /// A directory that can't be listed keeps what is in it.
    private static func removeLeftoversIfPossible(of path: String) {
        do throws(SystemError) { try UnfinishedFile.removeLeftovers(of: path) } catch { return }
    }

    /// Reads the file; `nil` when it isn't there. Blocks the calling thread.
    package static func read(_ path: String) throws(SystemError) -> MarkerFile? {
        guard let contents = try FileReader.readExisting(path, maximum: maximum) else { return nil }
        return MarkerFile(path: path, bytes: contents.bytes, identity: contents.identity)
    }

    /// Whether this very file, with the same content, is still there. Blocks the calling thread.
    package var isStillThere: Bool {
        do throws(SystemError) {
            guard let found = try Self.read(path) else { return false }
            return found.identity.isSameFile(as: identity) && found.bytes == bytes
        } catch {
            return false
        }
    }

    /// Removes the file if it is still this one. Blocks the calling thread.
    package func remove() {
        if isStillThere { unlink(path) }
    }

    /// Removes a file that its maker left behind. It is moved aside first: if it has become somebody's new file
    /// meanwhile, it is put back. Blocks the calling thread.
    package func takeAway() throws(SystemError) {
        BlockingContext.assertAllowed()
        let aside = UnfinishedFile.begin(for: path)
        defer { UnfinishedFile.end(aside) }
        guard rename(path, aside) == 0 else {
            if errno == ENOENT { return }
            throw SystemError(.current, while: "take away a lock that was left behind")
        }
        defer { unlink(aside) }
        guard let moved = try FileIdentity.ofExisting(aside, followsLinks: false) else { return }
        if !moved.isSameFile(as: identity) { link(aside, path) }
    }

    /// Whether the file was left behind: its maker has ended, or it is older than `stale`. Blocks the calling thread.
    package func isLeftBehind(after stale: Duration, now: Timestamp) -> Bool {
        let note = note
        if note.isHolderAlive == false { return true }
        let written = Timestamp(milliseconds: identity.modified / 1_000_000)
        // A note from the future was written by another clock: the file's own time is what is left.
        let since = note.createdAt.flatMap { $0 <= now ? $0 : nil } ?? written
        return now.duration(since: since) > stale
    }
}
