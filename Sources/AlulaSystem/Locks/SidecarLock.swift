package import AlulaPrimitives
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The lock that OpenClaw's programs take around a store: a file `<path>.lock` that only one of them can create.
///
/// The file names its holder. One whose holder is gone, or that is older than the policy says, is taken away by the
/// next who comes; so hold it shorter than that. Released is only a file that is still the one that was created.
package final class SidecarLock: Sendable {
    /// How long to wait for a lock, and when to disbelieve it.
    package struct Policy: Hashable, Sendable {
        /// Further attempts after the first.
        package var retries: Int
        /// The pause before the first further attempt; it doubles with each.
        package var minimumPause: Duration
        /// No pause is longer.
        package var maximumPause: Duration
        /// The age at which a lock counts as left behind.
        package var stale: Duration

        package init(retries: Int, minimumPause: Duration, maximumPause: Duration, stale: Duration) {
            self.retries = retries
            self.minimumPause = minimumPause
            self.maximumPause = maximumPause
            self.stale = stale
        }

        /// For the stores of credentials.
        package static let store = Policy(
            retries: 10, minimumPause: .milliseconds(100), maximumPause: .seconds(10), stale: .seconds(30))
        /// For the refresh of a token, whose call may take two minutes.
        package static let tokenRefresh = Policy(
            retries: 20, minimumPause: .milliseconds(100), maximumPause: .seconds(10), stale: .seconds(180))

        /// The pause before further attempt `attempt`, counted from zero.
        ///
        /// - Parameter random: 0 to 1; the pause is between once and twice the regular one.
        func pause(before attempt: Int, random: Double) -> Duration {
            let doubled = minimumPause * (1 << min(attempt, 20))
            return min(min(doubled, maximumPause) * (1 + random), maximumPause)
        }
    }

    /// Notes are a line; what is longer is not one.
    private static let maximumNote = ByteCount.kibibytes(16)

    private let path: String
    private let note: [UInt8]
    private let identity: FileIdentity
    private let isHeld = Mutex(true)

    private init(path: String, note: [UInt8], identity: FileIdentity) {
        self.path = path
        self.note = note
        self.identity = identity
    }

    deinit {
        let isHeld = isHeld.withLock { $0 }
        if isHeld { BlockingContext.permit { release() } }
    }

    /// Takes the lock beside `path`, waiting as `policy` says. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/lockHeld`` after the last attempt or at `deadline`.
    package static func acquire(
        for path: String, policy: Policy = .store, deadline: Deadline? = nil, pause: LockPause = .system
    ) throws(SystemError) -> SidecarLock {
        let lockPath = try lockPath(for: path)
        for attempt in 0... {
            if let lock = try attemptOnce(lockPath, policy, pause) { return lock }
            let wait = policy.pause(before: attempt, random: pause.random())
            guard attempt < policy.retries, deadline.map({ wait < $0.remaining }) ?? true else { break }
            pause.sleep(wait)
        }
        let holder = try readNote(lockPath).flatMap(\.note.pid).map { " (pid \($0))" } ?? ""
        throw SystemError(.lockHeld, "Another program\(holder) is changing the store; try again when it is done.")
    }

    /// Takes the lock beside `path` if it is free or left behind; `nil` when it is held. Blocks the calling thread for
    /// file operations only.
    package static func tryAcquire(
        for path: String, policy: Policy = .store, pause: LockPause = .system
    ) throws(SystemError) -> SidecarLock? {
        try attemptOnce(try lockPath(for: path), policy, pause)
    }

    /// Whether the lock file is still the one this object created. Blocks the calling thread.
    package var isStillHeld: Bool {
        BlockingContext.assertAllowed()
        do throws(SystemError) {
            guard let found = try Self.readNote(path) else { return false }
            return found.identity.isSameFile(as: identity) && found.bytes == note
        } catch {
            return false
        }
    }

    /// Removes the lock file if it is still this one; doing so again has no effect. Blocks the calling thread.
    package func release() {
        BlockingContext.assertAllowed()
        let wasHeld = isHeld.withLock { isHeld in
            defer { isHeld = false }
            return isHeld
        }
        if wasHeld, isStillHeld { unlink(path) }
    }

    // MARK: - Steps

    /// The lock's path with the links in its directory resolved, so that all ways to a store share one lock.
    private static func lockPath(for path: String) throws(SystemError) -> String {
        let directory = try Directory.realPath(PathText.directory(of: path))
        return PathText.join(directory, PathText.name(of: path) + ".lock")
    }

    private static func attemptOnce(
        _ path: String, _ policy: Policy, _ pause: LockPause
    ) throws(SystemError) -> SidecarLock? {
        // A lock that was taken away is followed by one more try; two in a row mean that others are faster.
        for _ in 0..<2 {
            if let lock = try create(path, at: pause.now()) { return lock }
            guard let found = try readNote(path) else { continue }
            guard isLeftBehind(found, policy, now: pause.now()) else { return nil }
            try takeAway(found, path)
        }
        return nil
    }

    private static func create(_ path: String, at now: Timestamp) throws(SystemError) -> SidecarLock? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw SystemError(.current, while: "make the lock file")
        }
        defer { close(descriptor) }
        let note = Array(LockNote.own(createdAt: now).text.utf8)
        do throws(ErrorNumber) {
            try Descriptor.writeAll(descriptor, note)
        } catch {
            unlink(path)
            throw SystemError(error, while: "write the lock file")
        }
        return SidecarLock(path: path, note: note, identity: try FileIdentity.of(descriptor: descriptor))
    }

    private struct Found {
        let bytes: [UInt8]
        let note: LockNote
        let identity: FileIdentity
    }

    private static func readNote(_ path: String) throws(SystemError) -> Found? {
        guard let contents = try FileReader.readExisting(path, maximum: maximumNote) else { return nil }
        return Found(bytes: contents.bytes, note: LockNote(parsing: contents.bytes), identity: contents.identity)
    }

    private static func isLeftBehind(_ found: Found, _ policy: Policy, now: Timestamp) -> Bool {
        if found.note.isHolderAlive == false { return true }
        let written = Timestamp(milliseconds: found.identity.modified / 1_000_000)
        // A note from the future was written by another clock: the file's own time is what is left.
        let since = found.note.createdAt.flatMap { $0 <= now ? $0 : nil } ?? written
        return now.duration(since: since) > policy.stale
    }

    /// Moves the file aside before it is removed: if it has become somebody's new lock meanwhile, it is put back.
    private static func takeAway(_ found: Found, _ path: String) throws(SystemError) {
        let aside = "\(path).\(getpid()).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        guard rename(path, aside) == 0 else {
            if errno == ENOENT { return }
            throw SystemError(.current, while: "take away a lock that was left behind")
        }
        defer { unlink(aside) }
        guard let moved = try FileIdentity.ofExisting(aside, followsLinks: false) else { return }
        if !moved.isSameFile(as: found.identity) { link(aside, path) }
    }
}
