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
    /// A new file is written beside the target, flushed to the disk and renamed over it; the directory is flushed too.
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
        let target = try Directory.followingLinks(path)
        let directory = PathText.directory(of: target)
        let prefix = temporaryPrefix(for: PathText.name(of: target))
        var removed = 0
        for entry in try Directory.list(directory) where entry.name.hasPrefix(prefix) && entry.name.hasSuffix(".tmp") {
            let parts = entry.name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, let writer = parts.first.flatMap({ Int32($0) }), !ProcessTable.isAlive(writer),
                unlink(PathText.join(directory, entry.name)) == 0
            else { continue }
            removed += 1
        }
        return removed
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
        let directory = PathText.directory(of: target)
        let temporary = PathText.join(directory, temporaryName(for: PathText.name(of: target)))
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
        try flushDirectory(directory)
        return try FileIdentity.ofExisting(target) ?? identity
    }

    /// `.name.<pid>.<random>.tmp`, short enough for any file system.
    private static func temporaryName(for name: String) -> String {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(temporaryPrefix(for: name))\(getpid()).\(random).tmp"
    }

    private static func temporaryPrefix(for name: String) -> String {
        ".\(String(decoding: name.utf8.prefix(180), as: UTF8.self))."
    }

    private static func flushDirectory(_ path: String) throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(.current, while: "open the directory of the file") }
        defer { close(descriptor) }
        guard fsync(descriptor) != 0 else { return }
        // Some file systems can't flush a directory; then the rename is as durable as they make it.
        switch errno {
        case EINVAL, ENOTSUP, EROFS, EBADF: return
        default: throw SystemError(.current, while: "flush the directory of the file")
        }
    }
}
