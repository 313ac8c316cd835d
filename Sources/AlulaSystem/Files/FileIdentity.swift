#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Which file a path led to, and in which state: two equal identities mean that nothing was written in between
/// (within the granularity of the file system's clock).
package struct FileIdentity: Hashable, Sendable {
    /// What kind of thing a path leads to.
    package enum Kind: String, Hashable, Sendable {
        case regular, directory, symbolicLink, pipe, socket, device, unknown
    }

    package let device: UInt64
    package let inode: UInt64
    /// Size in bytes.
    package let size: Int64
    /// When the content changed last, in nanoseconds since 1970.
    package let modified: Int64
    /// When content, rights or links changed last, in nanoseconds since 1970.
    package let changed: Int64
    /// Permission bits, such as `0o600`.
    package let mode: UInt32
    /// The owner's user id.
    package let uid: UInt32
    /// How many names the file has.
    package let linkCount: UInt64
    package let kind: Kind

    /// Whether both are the same file, whatever was written to it.
    package func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }

    /// Looks at `path` without opening it. Blocks the calling thread.
    ///
    /// - Parameter followsLinks: `false` to look at a symbolic link itself.
    package static func of(_ path: String, followsLinks: Bool = true) throws(SystemError) -> FileIdentity {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        var found = stat()
        guard (followsLinks ? stat(path, &found) : lstat(path, &found)) == 0 else {
            throw PathText.failure(.current, path: path, while: "look at the file")
        }
        return FileIdentity(found)
    }

    /// As ``of(_:followsLinks:)``, or `nil` when nothing is there. Blocks the calling thread.
    package static func ofExisting(
        _ path: String, followsLinks: Bool = true
    ) throws(SystemError) -> FileIdentity? {
        do throws(SystemError) {
            return try of(path, followsLinks: followsLinks)
        } catch {
            switch error.code {
            case .notFound, .notDirectory, .danglingLink: return nil
            default: throw error
            }
        }
    }

    /// Looks at an open file.
    static func of(descriptor: Int32) throws(SystemError) -> FileIdentity {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw SystemError(.current, while: "look at the file") }
        return FileIdentity(found)
    }

    private init(_ found: stat) {
        device = UInt64(truncatingIfNeeded: found.st_dev)
        inode = UInt64(found.st_ino)
        size = Int64(found.st_size)
        #if canImport(Glibc)
        let (modification, change) = (found.st_mtim, found.st_ctim)
        #else
        let (modification, change) = (found.st_mtimespec, found.st_ctimespec)
        #endif
        modified = Int64(modification.tv_sec) * 1_000_000_000 + Int64(modification.tv_nsec)
        changed = Int64(change.tv_sec) * 1_000_000_000 + Int64(change.tv_nsec)
        mode = UInt32(found.st_mode) & 0o7777
        uid = found.st_uid
        linkCount = UInt64(found.st_nlink)
        kind =
            switch found.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            case S_IFCHR, S_IFBLK: .device
            default: .unknown
            }
    }
}

extension FileIdentity {
    /// Throws unless this is a regular file; each other kind has its own code.
    func requireRegular() throws(SystemError) {
        switch kind {
        case .regular: return
        case .directory: throw SystemError(.isDirectory, "A file is needed here, but this is a directory.")
        case .pipe: throw SystemError(.isPipe, "A file is needed here, but this is a named pipe.")
        case .socket: throw SystemError(.isSocket, "A file is needed here, but this is a socket.")
        case .device, .unknown: throw SystemError(.isDevice, "A file is needed here, but this is a device.")
        case .symbolicLink:
            throw SystemError(.linkRefused, "A file is needed here, but this is a symbolic link.")
        }
    }
}
