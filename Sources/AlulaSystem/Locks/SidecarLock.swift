package import AlulaPrimitives
import Synchronization

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

    private let file: MarkerFile
    private let isHeld = Mutex(true)

    private init(_ file: MarkerFile) { self.file = file }

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
        let holder = try MarkerFile.read(lockPath).flatMap(\.note.pid).map { " (pid \($0))" } ?? ""
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
    package var isStillHeld: Bool { file.isStillThere }

    /// Removes the lock file if it is still this one; doing so again has no effect. Blocks the calling thread.
    package func release() {
        BlockingContext.assertAllowed()
        let wasHeld = isHeld.withLock { isHeld in
            defer { isHeld = false }
            return isHeld
        }
        if wasHeld { file.remove() }
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
            let note = Array(LockNote.own(createdAt: pause.now()).text.utf8)
            if let file = try MarkerFile.create(path, note) { return SidecarLock(file) }
            guard let found = try MarkerFile.read(path) else { continue }
            guard found.isLeftBehind(after: policy.stale, now: pause.now()) else { return nil }
            try found.takeAway()
        }
        return nil
    }
}
