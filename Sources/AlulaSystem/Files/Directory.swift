#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Directories: listing with a bound, making, and where a path really leads.
package enum Directory {
    /// One name in a directory.
    package struct Entry: Hashable, Sendable {
        package let name: String
        /// ``FileIdentity/Kind/unknown`` where the file system doesn't say; a link is not followed.
        package let kind: FileIdentity.Kind
    }

    /// The names in `path` without `.` and `..`, sorted. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/tooManyEntries`` beyond `maximum`, ``SystemError/Code/notDirectory``,
    ///   ``SystemError/Code/notFound``, ``SystemError/Code/notPermitted``.
    package static func list(_ path: String, maximum: Int = 20_000) throws(SystemError) -> [Entry] {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw PathText.failure(.current, path: path, while: "open the directory") }
        guard let stream = fdopendir(descriptor) else {
            let failure = ErrorNumber.current
            close(descriptor)
            throw SystemError(failure, while: "read the directory")
        }
        defer { closedir(stream) }

        var entries: [Entry] = []
        while true {
            errno = 0
            guard let found = readdir(stream) else {
                guard errno == 0 else { throw SystemError(.current, while: "read the directory") }
                return entries.sorted { $0.name < $1.name }
            }
            let name = withUnsafePointer(to: &found.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            guard entries.count < maximum else {
                throw SystemError(.tooManyEntries, "The directory holds more than \(maximum) entries.")
            }
            entries.append(Entry(name: name, kind: kind(of: found.pointee.d_type)))
        }
    }

    private static func kind(of type: UInt8) -> FileIdentity.Kind {
        switch Int(type) {
        case Int(DT_REG): .regular
        case Int(DT_DIR): .directory
        case Int(DT_LNK): .symbolicLink
        case Int(DT_FIFO): .pipe
        case Int(DT_SOCK): .socket
        case Int(DT_CHR), Int(DT_BLK): .device
        default: .unknown
        }
    }

    /// Makes `path` and the parents that are missing, each with `mode`; one that exists is left as it is. What is put into
    /// it would be lost with it, so its name is flushed to the disk. Blocks the calling thread.
    package static func make(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        guard let failure = try makeOne(path, mode) else { return }
        let parent = PathText.directory(of: path)
        guard failure.rawValue == ENOENT, parent != path else {
            throw SystemError(failure, while: "make the directory")
        }
        if try FileIdentity.ofExisting(parent) == nil { try make(parent, mode: mode) }
        // Once more also where the parent is there by now: somebody else may have made it this instant. What still isn't
        // found leads nowhere, and trying on would go on for ever.
        if let failure = try makeOne(path, mode) {
            throw PathText.failure(failure, path: path, while: "make the directory")
        }
    }

    /// Makes `path` in a directory that is there.
    ///
    /// - Returns: What the system says against it; `nil` when it is made, or was there.
    private static func makeOne(_ path: String, _ mode: UInt32) throws(SystemError) -> ErrorNumber? {
        if mkdir(path, mode_t(mode)) == 0 {
            try flushName(of: path)
            return nil
        }
        let failure = ErrorNumber.current
        guard failure.rawValue == EEXIST else { return failure }
        guard try FileIdentity.of(path).kind == .directory else {
            throw SystemError(.notDirectory, "A directory is needed here, but something else has its name.")
        }
        return nil
    }

    /// Makes the names in `path` survive a loss of power. Blocks the calling thread.
    package static func flush(_ path: String) throws(SystemError) {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(.current, while: "open the directory of the file") }
        defer { close(descriptor) }
        guard fsync(descriptor) != 0 else { return }
        // Some file systems can't flush a directory; then names are as durable as they make them.
        switch errno {
        case EINVAL, ENOTSUP, EROFS, EBADF: return
        default: throw SystemError(.current, while: "flush the directory of the file")
        }
    }

    private static func flushName(of path: String) throws(SystemError) {
        do throws(SystemError) {
            try flush(PathText.directory(of: path))
        } catch {
            // Where others may make directories and not look, nothing more can be done.
            if error.code != .notPermitted { throw error }
        }
    }

    /// The absolute path without links, `.` and `..`; everything on the way must exist. Blocks the calling thread.
    package static func realPath(_ path: String) throws(SystemError) -> String {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        guard let resolved = realpath(path, nil) else {
            throw PathText.failure(.current, path: path, while: "follow the path")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Where the symbolic link at `path` points, as written in it; `nil` when `path` is no link or isn't there. Blocks
    /// the calling thread.
    package static func linkTarget(_ path: String) throws(SystemError) -> String? {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        var length = 0
        let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer -> String in
            guard let start = buffer.baseAddress else { return "" }
            length = readlink(path, start, buffer.count)
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<max(length, 0)]),
                as: UTF8.self)
        }
        guard length >= 0 else {
            switch errno {
            case EINVAL, ENOENT, ENOTDIR: return nil
            default: throw SystemError(.current, while: "follow the link")
            }
        }
        return target
    }

    /// Follows the links at the end of `path`, also to a file that isn't there yet. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/linkLoop`` after 40 links.
    package static func followingLinks(_ path: String) throws(SystemError) -> String {
        var current = path
        for _ in 0..<40 {
            guard let target = try linkTarget(current) else { return current }
            current = PathText.join(PathText.directory(of: current), target)
        }
        throw SystemError(ErrorNumber(ELOOP), while: "follow the link")
    }
}
