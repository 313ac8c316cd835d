package import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes configuration files: only over the very bytes that an edit was made from, and so that at every instant, also
/// after a crash or on a full disk, the old or the new text is there, whole.
package struct ConfigurationFileWriter: Sendable {
    /// A file's content before and after.
    package struct Change: Sendable {
        package let path: String
        /// `nil` when there was no file.
        package let before: [UInt8]?
        package let after: [UInt8]

        package init(path: String, before: [UInt8]?, after: [UInt8]) {
            self.path = path
            self.before = before
            self.after = after
        }
    }

    /// How many earlier texts are kept beside a file: `.bak`, and `.bak.1` up to one less.
    package static let backups = 5
    /// Longest text that is compared, which is also the longest that is read as a configuration.
    private static let maximum = ByteCount.mebibytes(64)

    /// Taken by all writers of ours.
    private let lockPath: String
    private let isReadOnly: Bool
    /// For tests that come in between.
    var observe: @Sendable (GuardedExchange.Moment) -> Void = { _ in }

    /// - Parameters:
    ///   - lockPath: A file of ours that all writers of one state directory lock.
    ///   - isReadOnly: Whether the configuration is managed elsewhere, as `OPENCLAW_NIX_MODE=1` says.
    package init(lockPath: String, isReadOnly: Bool) {
        self.lockPath = lockPath
        self.isReadOnly = isReadOnly
    }

    /// Writes `changes`, all of them or none. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/fileChanged`` when a file is not as the edit found it, ``StateError/Code/fileUnusable``
    ///   for links, a managed configuration and everything that the system refuses. Then every file is as it was.
    package func write(_ changes: [Change], deadline: Deadline) throws(StateError) {
        try checkManaged()
        do throws(SystemError) {
            try Directory.make(Self.directory(of: lockPath))
            let lock = try FileLock.acquire(lockPath, note: Array("\(getpid())\n".utf8), deadline: deadline)
            defer { lock.release() }
            for change in changes {
                try check(change)
                try removeLeftovers(of: change.path)
            }
            var done: [Change] = []
            do throws(SystemError) {
                for change in changes {
                    try replace(change)
                    done.append(change)
                }
            } catch {
                for change in done.reversed() { try undo(change) }
                throw error
            }
        } catch {
            switch error.code {
            case .alreadyExists:
                throw StateError(
                    .fileChanged, "The configuration was changed by somebody else meanwhile; read it again and retry.",
                    underlying: error)
            default: throw StateError(.fileUnusable, error.message, underlying: error)
            }
        }
    }

    /// How many refused texts are kept beside a file.
    package static let rejections = 3

    /// Keeps a text that was refused as `<path>.rejected.<stamp>`, for its owner only and in place of the oldest that is
    /// kept. Blocks the calling thread.
    ///
    /// - Returns: The name of the file.
    package func keepRejected(
        _ text: [UInt8], of path: String, stamp: String, deadline: Deadline
    ) throws(StateError) -> String {
        do throws(SystemError) {
            let directory = Self.directory(of: path)
            let prefix = path.dropFirst(directory.count).drop { $0 == "/" } + ".rejected."
            try Directory.make(Self.directory(of: lockPath))
            let lock = try FileLock.acquire(lockPath, note: Array("\(getpid())\n".utf8), deadline: deadline)
            defer { lock.release() }
            try removeLeftovers(of: path)
            let name = prefix + stamp
            try DurableFile.replace("\(directory)/\(name)", with: text, mode: 0o600)
            // The stamps sort by time.
            let kept = try Directory.list(directory).map(\.name).filter { $0.hasPrefix(prefix) }
            for old in kept.dropLast(Self.rejections) where old != name { unlink("\(directory)/\(old)") }
            return String(name)
        } catch {
            throw StateError(.fileUnusable, error.message, underlying: error)
        }
    }

    /// Says before an edit why nothing could come of it. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/fileUnusable`` as ``write(_:deadline:)`` does.
    package func checkWritable(_ path: String) throws(StateError) {
        try checkManaged()
        do throws(SystemError) { try checkLink(path) } catch {
            throw StateError(.fileUnusable, error.message, underlying: error)
        }
    }

    // MARK: Steps

    private func checkManaged() throws(StateError) {
        guard !isReadOnly else {
            throw StateError(
                .fileUnusable, "The configuration is managed by Nix (OPENCLAW_NIX_MODE=1), so it is not written.")
        }
    }

    private func checkLink(_ path: String) throws(SystemError) {
        if let identity = try FileIdentity.ofExisting(path, followsLinks: false),
            identity.kind == .symbolicLink
        {
            throw SystemError(
                .linkRefused, "The configuration file is a symbolic link; edit the file that it leads to.")
        }
    }

    private func check(_ change: Change) throws(SystemError) {
        try checkLink(change.path)
        guard try Self.current(change.path) == change.before else { throw Self.changed }
    }

    private func replace(_ change: Change) throws(SystemError) {
        let mode = try FileIdentity.ofExisting(change.path)?.mode ?? 0o600
        // The new text first: when the disk is full, nothing has happened yet.
        let fresh = change.path + ".\(getpid()).new"
        // Afterwards it is the old text that has this name, unless it has become the newest backup.
        defer { unlink(fresh) }
        try DurableFile.replace(fresh, with: change.after, mode: mode)
        guard let before = change.before else {
            // Somebody else's new file is never replaced.
            guard link(fresh, change.path) == 0 else { throw SystemError(.current, while: "put the file in place") }
            return try flush(Self.directory(of: change.path))
        }
        if try GuardedExchange(path: change.path, fresh: fresh, observe: observe).run(expecting: before) {
            keep(fresh, of: change.path)
        } else {
            // No exchange here: a last look, as close to the end as can be.
            let copy = change.path + ".\(getpid()).old.new"
            defer { unlink(copy) }
            try DurableFile.replace(copy, with: before, mode: 0o600)
            try check(change)
            guard rename(fresh, change.path) == 0 else { throw SystemError(.current, while: "put the file in place") }
            keep(copy, of: change.path)
        }
        try flush(Self.directory(of: change.path))
    }

    /// Removes what writers that were killed left beside the file.
    private func removeLeftovers(of path: String) throws(SystemError) {
        let directory = Self.directory(of: path)
        for entry in try Directory.list(directory) where entry.name.hasSuffix(".new") || entry.name.hasSuffix(".tmp") {
            let file = (directory == "/" ? "" : directory) + "/" + entry.name
            guard file.hasPrefix(path + ".") || file.hasPrefix(directory + "/." + path.dropFirst(directory.count + 1)),
                // The configuration's own name may have a number in it, so the last one counts.
                let writer = entry.name.split(separator: ".").compactMap({ Int32($0) }).last,
                // In a container the next process may well have the same id; under the lock it has begun nothing yet.
                writer == getpid() || !ProcessTable.isAlive(writer)
            else { continue }
            unlink(file)
        }
    }

    /// Puts back a file of a change of which another part failed; one that somebody wrote meanwhile stays.
    private func undo(_ change: Change) throws(SystemError) {
        guard try Self.current(change.path) == change.after else { return }
        guard let before = change.before else { return try DurableFile.remove(change.path) }
        let fresh = change.path + ".\(getpid()).new"
        let mode = try FileIdentity.ofExisting(change.path)?.mode ?? 0o600
        defer { unlink(fresh) }
        try DurableFile.replace(fresh, with: before, mode: mode)
        guard try !GuardedExchange(path: change.path, fresh: fresh).run(expecting: change.after) else { return }
        guard rename(fresh, change.path) == 0 else { throw SystemError(.current, while: "put the file back") }
    }

    /// Moves the backups up by one and makes `old` the newest. The edit is done by then, so a backup that can't be made
    /// is no reason to call it failed.
    private func keep(_ old: String, of path: String) {
        let names = [path + ".bak"] + (1..<Self.backups).map { "\(path).bak.\($0)" }
        for index in (0..<(names.count - 1)).reversed() { _ = rename(names[index], names[index + 1]) }
        guard chmod(old, 0o600) == 0 else { return }
        _ = rename(old, names[0])
    }

    static func current(_ path: String) throws(SystemError) -> [UInt8]? {
        try FileReader.readExisting(path, maximum: maximum)?.bytes
    }

    private func flush(_ directory: String) throws(SystemError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(.current, while: "open the directory of the file") }
        defer { close(descriptor) }
        // Some file systems can't; then the exchange is as durable as they make it.
        _ = fsync(descriptor)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    static let changed = SystemError(.alreadyExists, "The file is not as the edit found it.")
}
