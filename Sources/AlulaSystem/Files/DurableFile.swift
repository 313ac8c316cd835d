import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Replaces files so that at every instant, also after a crash or on a full disk, either the old or the new content is
/// there, whole.
package enum DurableFile {
    /// What a replacement came to.
    package struct Outcome: Sendable {
        /// `false` when the file held these bytes already; its rights were repaired if need be.
        package let didWrite: Bool
        /// The file as it is now.
        package let identity: FileIdentity
    }

    /// Makes `bytes` the content of the file at `path`. Blocks the calling thread.
    ///
    /// A new file is written beside the target, flushed to the disk and renamed over it; the directory is flushed too. What
    /// killed processes left of an earlier attempt goes first: it may be what fills the disk.
    /// A symbolic link stays, and what it leads to is replaced. Run as root, the file keeps its owner.
    ///
    /// - Parameter mode: The rights that the file has afterwards.
    /// - Throws: ``SystemError/Code/noSpace``, ``SystemError/Code/notPermitted``,
    ///   ``SystemError/Code/readOnlyFileSystem`` …; the old content is untouched and nothing is left behind.
    @discardableResult
    package static func replace(
        _ path: String, with bytes: [UInt8], mode: UInt32 = 0o600
    ) throws(SystemError) -> Outcome {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        let target = try Directory.followingLinks(path)
        let existing = try FileIdentity.ofExisting(target)
        try existing?.requireRegular()
        if let existing, existing.size == bytes.count, try holds(bytes, at: target) {
            if existing.mode != mode, chmod(target, mode_t(mode)) != 0 {
                throw SystemError(.current, while: "repair the rights of the file")
            }
            return Outcome(didWrite: false, identity: try .of(target))
        }
        let identity = try write(bytes, over: target, owner: existing, mode: mode)
        return Outcome(didWrite: true, identity: identity)
    }

    /// Removes what processes that were killed in the middle of a ``replace(_:with:mode:)`` of `path` left beside it.
    /// Blocks the calling thread.
    ///
    /// - Returns: How many files went.
    @discardableResult
    package static func removeLeftovers(of path: String) throws(SystemError) -> Int {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        return try UnfinishedFile.removeLeftovers(of: try Directory.followingLinks(path))
    }

    /// Removes the file at `path`, if it is there, so that it does not come back after a crash; a symbolic link goes
    /// itself. Blocks the calling thread.
    package static func remove(_ path: String) throws(SystemError) {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        guard unlink(path) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw SystemError(.current, while: "remove the file")
        }
        try Directory.flush(PathText.directory(of: path))
    }

    private static func holds(_ bytes: [UInt8], at path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            return try FileReader.read(path, maximum: ByteCount(bytes: bytes.count)).bytes == bytes
        } catch {
            switch error.code {
            // It changed or can't be read; replacing it is still possible.
            case .notPermitted, .notFound, .tooLarge: return false
            default: throw error
            }
        }
    }

    private static func write(
        _ bytes: [UInt8], over target: String, owner: FileIdentity?, mode: UInt32
    ) throws(SystemError) -> FileIdentity {
        removeLeftoversIfPossible(of: target)
        let temporary = UnfinishedFile.begin(for: target)
        defer { UnfinishedFile.end(temporary) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemError(.current, while: "write beside the file") }
        var isOpen = true
        var isRenamed = false
        defer {
            if isOpen { close(descriptor) }
            if !isRenamed { unlink(temporary) }
        }

        guard fchmod(descriptor, mode_t(mode)) == 0 else { throw SystemError(.current, while: "protect the file") }
        if let owner, geteuid() == 0, owner.uid != 0, fchown(descriptor, owner.uid, gid_t.max) != 0 {
            throw SystemError(.current, while: "keep the owner of the file")
        }
        do throws(ErrorNumber) {
            try Descriptor.writeAll(descriptor, bytes)
        } catch {
            throw SystemError(error, while: "write the file")
        }
        guard fsync(descriptor) == 0 else { throw SystemError(.current, while: "flush the file to the disk") }
        let identity = try FileIdentity.of(descriptor: descriptor)
        isOpen = false
        // Network file systems report a full disk only here.
        guard close(descriptor) == 0 else { throw SystemError(.current, while: "finish the file") }
        guard rename(temporary, target) == 0 else { throw SystemError(.current, while: "put the file in place") }
        isRenamed = true
        try Directory.flush(PathText.directory(of: target))
        return try FileIdentity.ofExisting(target) ?? identity
    }

    /// A directory that can't be listed keeps what is in it.
    private static func removeLeftoversIfPossible(of target: String) {
        do throws(SystemError) { try UnfinishedFile.removeLeftovers(of: target) } catch { return }
    }
}
