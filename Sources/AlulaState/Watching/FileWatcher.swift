package import AlulaPrimitives
import AlulaSystem

/// Tells which of a set of files may have changed.
///
/// On Linux directories are watched through inotify, so that files that don't exist yet, that are replaced by a rename
/// or that are reached through links are seen too. Where that can't work (network and user-space file systems, no more
/// watches, other systems) the files' identities are compared once a second; and all of them every half minute, for what
/// escapes the events. Threads of its own make all system calls: one reads events, one keeps time, and the rest touch
/// files. A directory that hangs holds up one of those, which is then replaced, and nobody else.
package final class FileWatcher: Sendable {
    /// How often files are looked at that can't be watched.
    package static let pollingInterval = Duration.seconds(1)

    /// What is watched and how.
    package struct Statistics: Hashable, Sendable {
        package var watchedPaths = 0
        package var watchedDirectories = 0
        package var polledPaths = 0
        /// Threads that a file system holds up.
        package var stuckThreads = 0
    }

    private enum Condition {
        static let work = 0
        static let time = 1
    }

    private let monitor = Monitor(WatchState(), conditions: 2)
    private let events: DirectoryEvents?
    private let beforeTouching: @Sendable (String) -> Void
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// Starts the threads, which end after ``stop()``. Files are watched from the first ``watch(_:)`` on.
    package convenience init() throws { try self.init(usesEvents: true) { _ in } }

    /// - Parameters:
    ///   - usesEvents: `false` to poll everything.
    ///   - beforeTouching: Called with each path on the thread that is about to touch it; tests hold it up.
    init(usesEvents: Bool, beforeTouching: @escaping @Sendable (String) -> Void) throws {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.beforeTouching = beforeTouching
        events = usesEvents ? DirectoryEvents() : nil
        do {
            if let events { try SystemThread.start(name: "watch-events") { self.readEvents(events) } }
            try SystemThread.start(name: "watch-time") { self.keepTime() }
            try startWorker()
        } catch {
            stop()
            throw error
        }
    }

    /// Replaces the set of watched files, which need not exist. Returns at once; each new path is reported once its
    /// watches stand, so that no change in between is missed.
    ///
    /// - Parameters:
    ///   - paths: Absolute paths.
    ///   - since: When the caller reads all of them after this instant, only those are reported that have changed since.
    package func watch(_ paths: Set<String>, reportingChangesSince since: Timestamp? = nil) {
        monitor.withLock { $0.replaceWanted(by: paths, at: .after(.zero), reportingChangesSince: since) }
        monitor.signalAll()
    }

    /// Paths that may have changed since the last time, each told at least once after its change.
    ///
    /// For one consumer. `nil` after ``stop()``.
    package func changes() async -> Set<String>? {
        for await _ in signals {
            let changed = monitor.withLock { $0.takeChanged() }
            if !changed.isEmpty { return changed }
        }
        return nil
    }

    package var statistics: Statistics {
        monitor.withLock { state in
            Statistics(
                watchedPaths: state.wanted.count - state.polled.count, watchedDirectories: state.watchedDirectories,
                polledPaths: state.polled.count, stuckThreads: state.stuckWorkers)
        }
    }

    /// Whether some watch is still to be set up.
    var isArming: Bool { monitor.withLock { $0.isArming } }

    /// Ends the threads as soon as they come back from the system, and ``changes()``. Doing so again has no effect.
    package func stop() {
        monitor.withLock { $0.isStopped = true }
        monitor.signalAll()
        events?.wake()
        signal.finish()
    }

    /// Changes the state and wakes whoever waits for what came of it.
    private func update<Value>(_ body: (inout WatchState) -> Value) -> Value {
        let (value, hasNews) = monitor.withLock { state in (body(&state), !state.changed.isEmpty) }
        if hasNews { signal.yield() }
        return value
    }

    // MARK: - Threads

    private func readEvents(_ events: DirectoryEvents) {
        while let batch = events.read() {
            update { $0.take(batch) }
            monitor.signal(Condition.work)
        }
    }

    private func keepTime() {
        while true {
            let needsThread: Bool? = monitor.wait { state in
                if state.isStopped { return .done(nil) }
                let now = Deadline.after(.zero)
                guard let due = state.nextTick(at: now), due <= now else {
                    return .wait(on: Condition.time, until: state.nextTick(at: now))
                }
                return .done(state.tick(at: now))
            }
            guard let needsThread else { return }
            monitor.signal(Condition.work)
            guard needsThread else { continue }
            // Without another thread the paths wait for the one that hangs; the next tick tries again.
            do { try startWorker() } catch { continue }
        }
    }

    private func startWorker() throws(SystemError) {
        let id = monitor.withLock { $0.addWorker(at: .after(.zero)) }
        do throws(SystemError) {
            try SystemThread.start(name: "watch-files-\(id)") { self.work(id) }
        } catch {
            monitor.withLock { $0.removeWorker(id) }
            throw error
        }
    }

    private func work(_ id: Int) {
        while true {
            let next: (job: WatchState.Job, reports: Bool)? = monitor.wait { state in
                if state.isStopped { return .done(nil) }
                return state.nextJob(for: id, at: .after(.zero)).map { .done($0) }
                    ?? .wait(on: Condition.work, until: nil)
            }
            guard let (job, reports) = next else { return }
            // The time thread may sleep for long: it has somebody to look after now.
            monitor.signal(Condition.time)
            beforeTouching(job.path)
            switch job {
            case .arm(let path):
                let armed = arm(path)
                update { $0.finishArming(path, armed, reports: reports) }
            case .look(let path):
                let identity = Self.identity(of: path)
                update { $0.finishLooking(path, identity) }
            }
            let goesOn = monitor.withLock { state in
                let (goesOn, leftovers) = state.finishJob(of: id)
                // Under the lock, so that nobody sets one up again meanwhile. It touches no file system.
                for watch in leftovers { events?.end(watch) }
                return goesOn
            }
            guard goesOn else {
                monitor.signal(Condition.work)
                return
            }
        }
    }

    // MARK: - Touching files

    private func arm(_ path: String) -> WatchState.Armed {
        var armed = WatchState.Armed()
        follow(path, into: &armed)
        armed.identity = Self.identity(of: path)
        if armed.identity == nil {
            armed.directoryChanged = Self.identity(of: WatchMap.split(path).directory)?.changed
        }
        return armed
    }

    /// Watches the directory of `path`, or the nearest one above it that exists, and the same for where a link leads.
    private func follow(_ path: String, into armed: inout WatchState.Armed) {
        var path = path
        // As many links as the kernel follows.
        for _ in 0..<40 {
            guard let place = watchNearest(path, into: &armed), place.path == path, let target = Self.linkTarget(path)
            else { return }
            path = PathText.join(place.directory, target)
        }
    }

    /// - Returns: Where events about `path` will come from; `nil` when none will.
    private func watchNearest(_ path: String, into armed: inout WatchState.Armed) -> WatchMap.Place? {
        var place = WatchMap.split(path)
        while true {
            switch watchDirectory(place.directory) {
            case .watched:
                armed.places.append(place)
                // One level up as well: a directory that is moved away doesn't tell what takes its place.
                let above = WatchMap.split(place.directory)
                if place.directory != "/", case .watched = watchDirectory(above.directory) {
                    armed.places.append(above)
                }
                return place
            case .missing where place.directory != "/":
                place = WatchMap.split(place.directory)
            case .missing, .unwatchable:
                armed.isWatched = false
                return nil
            }
        }
    }

    private func watchDirectory(_ directory: String) -> WatchVerdict {
        guard let events else { return .unwatchable }
        let verdict = events.watch(directory)
        if case .watched(let watch) = verdict { monitor.withLock { $0.noteWatch(watch, of: directory) } }
        return verdict
    }

    private static func linkTarget(_ path: String) -> String? {
        // What can't be followed is reported by whoever reads the file.
        do throws(SystemError) { return try Directory.linkTarget(path) } catch { return nil }
    }

    private static func identity(of path: String) -> FileIdentity? {
        // Not there and not to be seen are the same to a watcher.
        do throws(SystemError) { return try FileIdentity.of(path) } catch { return nil }
    }
}
