import AlulaPrimitives
import AlulaSystem

/// Everything that a file watcher knows, and what follows from events and time. Pure: no system calls.
struct WatchState {
    /// Something to do on a thread that may hang.
    enum Job: Hashable {
        /// Set up the watches of a path.
        case arm(String)
        /// Compare a path with what was seen last.
        case look(String)

        var path: String {
            switch self {
            case .arm(let path), .look(let path): path
            }
        }
    }

    /// What setting up watches found.
    struct Armed {
        var places: [WatchMap.Place] = []
        /// Whether events will tell about the path; else it has to be polled.
        var isWatched = true
        var identity: FileIdentity?
        /// When the directory of a missing file last changed, in nanoseconds since 1970.
        var directoryChanged: Int64?
    }

    private struct Worker {
        var job: Job?
        var since: Deadline
        /// Another thread took over; this one ends when it comes back.
        var isReplaced = false
    }

    /// Threads at most, those included that hang.
    static let maximumWorkers = 8
    /// How long a thread may be held by one path before another takes over.
    static let patience = Duration.seconds(2)
    /// How often every path is looked at, whatever the events say.
    static let sweepInterval = Duration.seconds(30)
    /// Paths that may be polled in each interval; more take longer.
    static let polledPerInterval = 5000

    private(set) var wanted: Set<String> = []
    private(set) var polled: Set<String> = []
    private(set) var changed: Set<String> = []
    private var map = WatchMap()
    /// The spellings of each watched directory.
    private var spellings: [Int32: Set<String>] = [:]
    /// What was seen last; no entry where an event has come since.
    private var identities: [String: FileIdentity?] = [:]
    /// Paths to arm, with whether to report them once that is done.
    private var unarmed: [String: Bool] = [:]
    /// Instants, in nanoseconds since 1970, after which the consumer reads a new path anyway.
    private var readSince: [String: Int64] = [:]
    /// File systems stamp changes with a clock that ticks every few milliseconds.
    private static let stampGranularity: Int64 = 20_000_000
    private var queue: [Job] = []
    /// Jobs that would meet the same obstacle as a thread that hangs.
    private var heldBack: [Job] = []
    private var workers: [Int: Worker] = [:]
    private var workersStarted = 0
    private var nextPoll: Deadline?
    private var nextSweep: Deadline?
    /// Whether some watch may be of no more use.
    private var hasLeftovers = false
    var isStopped = false

    var watchedDirectories: Int { spellings.count }
    var stuckWorkers: Int { workers.values.count(where: \.isReplaced) }
    var isArming: Bool {
        !unarmed.isEmpty
            || workers.values.contains { worker in
                if case .arm = worker.job { true } else { false }
            }
    }

    // MARK: - From the owner

    mutating func replaceWanted(
        by paths: Set<String>, at now: Deadline, reportingChangesSince since: Timestamp? = nil
    ) {
        let gone = wanted.subtracting(paths)
        let new = paths.subtracting(wanted)
        wanted = paths
        polled.subtract(gone)
        changed.subtract(gone)
        map.remove(gone)
        for path in gone {
            unarmed[path] = nil
            identities[path] = nil
            readSince[path] = nil
        }
        if !gone.isEmpty { hasLeftovers = true }
        for path in new {
            arm(path, reporting: true)
            readSince[path] = since.map { $0.milliseconds * 1_000_000 - Self.stampGranularity }
        }
        if nextSweep == nil { nextSweep = now.later(by: Self.sweepInterval) }
    }

    mutating func takeChanged() -> Set<String> {
        defer { changed = [] }
        return changed
    }

    // MARK: - From the kernel

    mutating func take(_ events: [DirectoryEvent]) {
        for event in events { take(event) }
    }

    private mutating func take(_ event: DirectoryEvent) {
        switch event.kind {
        case .overflow:
            for path in wanted { arm(path, reporting: true) }
            noteChanged(wanted)
        case .directoryGone:
            for directory in spellings.removeValue(forKey: event.watch) ?? [] {
                let affected = map.paths(in: directory)
                noteChanged(affected)
                for path in affected { arm(path, reporting: true) }
            }
        case .content:
            for directory in spellings[event.watch] ?? [] {
                noteChanged(map.paths(at: WatchMap.Place(directory: directory, name: event.name)))
            }
        case .name:
            for directory in spellings[event.watch] ?? [] {
                let place = WatchMap.Place(directory: directory, name: event.name)
                var affected = map.paths(at: place)
                guard !affected.isEmpty else { continue }
                let path = place.path
                if affected.contains(where: { $0 != path }) {
                    // A directory on the way: everything below it may be something else now.
                    affected.formUnion(wanted.filter { $0.hasPrefix(path + "/") })
                }
                noteChanged(affected)
                // The file itself stays watched through its directory, and this change is reported already; it is armed
                // again because it may be a link now.
                for affected in affected { arm(affected, reporting: affected != path) }
            }
        }
    }

    private mutating func noteChanged(_ paths: Set<String>) {
        changed.formUnion(paths.intersection(wanted))
        for path in paths { identities[path] = nil }
    }

    private mutating func arm(_ path: String, reporting: Bool) {
        guard wanted.contains(path) else { return }
        if let earlier = unarmed[path] {
            unarmed[path] = earlier || reporting
        } else {
            unarmed[path] = reporting
            queue.append(.arm(path))
        }
    }

    // MARK: - For the threads that may hang

    mutating func addWorker(at now: Deadline) -> Int {
        workersStarted += 1
        workers[workersStarted] = Worker(since: now)
        return workersStarted
    }

    mutating func removeWorker(_ id: Int) { workers[id] = nil }

    /// The next job of a worker and whether to report its path, or `nil` when there is none now.
    mutating func nextJob(for id: Int, at now: Deadline) -> (job: Job, reports: Bool)? {
        let obstacles = workers.values.filter(\.isReplaced).compactMap {
            $0.job.map { WatchMap.split($0.path).directory }
        }
        while let job = queue.popLast() {
            let path = job.path
            if obstacles.contains(where: { path.hasPrefix($0 + "/") }) {
                heldBack.append(job)
                continue
            }
            var reports = false
            switch job {
            case .arm:
                guard let wish = unarmed.removeValue(forKey: path) else { continue }
                reports = wish
            case .look:
                guard wanted.contains(path) else { continue }
            }
            workers[id]?.job = job
            workers[id]?.since = now
            return (job, reports)
        }
        return nil
    }

    /// Notes a watch as soon as it stands, since events may come at once.
    mutating func noteWatch(_ watch: Int32, of directory: String) { spellings[watch, default: []].insert(directory) }

    mutating func finishArming(_ path: String, _ armed: Armed, reports: Bool) {
        guard wanted.contains(path) else { return }
        if map.set(path, to: armed.places) { hasLeftovers = true }
        identities[path] = .some(armed.identity)
        if armed.isWatched {
            polled.remove(path)
        } else {
            polled.insert(path)
        }
        let since = readSince.removeValue(forKey: path)
        guard reports else { return }
        // Whatever happened before the watches stood is caught up with by one look of the consumer's.
        guard let since, let last = armed.identity.map({ max($0.changed, $0.modified) }) ?? armed.directoryChanged
        else {
            if since == nil { changed.insert(path) }
            return
        }
        if last >= since { changed.insert(path) }
    }

    mutating func finishLooking(_ path: String, _ identity: FileIdentity?) {
        guard wanted.contains(path) else { return }
        if let earlier = identities[path], earlier != identity {
            changed.insert(path)
            // Events should have told, so the watches may be in the wrong place.
            if !polled.contains(path) { arm(path, reporting: false) }
        }
        identities[path] = .some(identity)
    }

    /// - Returns: Whether the worker goes on, and watches that nobody needs any more.
    mutating func finishJob(of id: Int) -> (goesOn: Bool, leftovers: [Int32]) {
        guard let worker = workers[id] else { return (false, []) }
        workers[id]?.job = nil
        if worker.isReplaced {
            workers[id] = nil
            queue += heldBack
            heldBack = []
            return (false, [])
        }
        // Only when nobody is between setting up a watch and saying what it is for.
        guard hasLeftovers, queue.isEmpty, workers.values.allSatisfy({ $0.job == nil }) else { return (true, []) }
        hasLeftovers = false
        let needed = map.directories
        var leftovers: [Int32] = []
        for (watch, directories) in spellings {
            let kept = directories.intersection(needed)
            if kept.isEmpty { leftovers.append(watch) }
            spellings[watch] = kept.isEmpty ? nil : kept
        }
        return (true, leftovers)
    }

    // MARK: - Time

    /// When ``tick(at:)`` is due; `nil` while there is nothing to wait for.
    func nextTick(at now: Deadline) -> Deadline? {
        var due: [Deadline] = wanted.isEmpty ? [] : [nextSweep].compactMap { $0 }
        if !polled.isEmpty { due.append(nextPoll ?? now) }
        let busy = workers.values.filter { $0.job != nil && !$0.isReplaced }
        due += busy.map { $0.since.later(by: Self.patience) }
        return due.min()
    }

    /// Queues what is due and finds threads that hang.
    ///
    /// - Returns: Whether another thread is needed.
    mutating func tick(at now: Deadline) -> Bool {
        if let due = nextSweep, due <= now {
            nextSweep = now.later(by: Self.sweepInterval)
            queueLooks(wanted)
        }
        if !polled.isEmpty, nextPoll ?? now <= now {
            let share = polled.count / Self.polledPerInterval + 1
            nextPoll = now.later(by: FileWatcher.pollingInterval * share)
            queueLooks(polled)
        }
        for (id, worker) in workers where worker.job != nil && worker.since.later(by: Self.patience) <= now {
            workers[id]?.isReplaced = true
        }
        return workers.values.allSatisfy(\.isReplaced) && workers.count < Self.maximumWorkers
    }

    /// Queues looks in front, so that arming comes first; not while earlier ones wait.
    private mutating func queueLooks(_ paths: Set<String>) {
        func isLook(_ job: Job) -> Bool { if case .look = job { true } else { false } }
        guard !queue.contains(where: isLook), !heldBack.contains(where: isLook) || stuckWorkers == 0 else { return }
        queue = paths.map(Job.look) + queue
    }
}

extension Deadline {
    fileprivate func later(by duration: Duration) -> Deadline { Deadline(instant.advanced(by: duration)) }
}
