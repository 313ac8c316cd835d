import AlulaPrimitives
import Synchronization

/// The part of a pool that its threads share; it outlives the ``BlockingPool`` while a thread is stuck.
final class BlockingPoolCore: Sendable {
    private struct Running {
        let job: BlockingJob
        var isStuck = false
    }

    private struct State {
        var queue: [BlockingJob] = []
        var running: [UInt64: Running] = [:]
        var statistics = BlockingPool.Statistics()
        /// Threads that wait for a job.
        var idle = 0
        var threadsStarted = 0
        /// When the timer thread will look next; `nil` while no deadline is pending.
        var nextLook: Deadline?
        var isTimerRunning = false
        var isShutDown = false

        /// Threads that are not stuck.
        var working: Int { statistics.threads - statistics.stuck }
    }

    private enum Condition {
        static let work = 0
        static let time = 1
    }

    private let settings: BlockingPool.Settings
    private let monitor = Monitor(State(), conditions: 2)
    private let ids = Atomic<UInt64>(0)

    init(_ settings: BlockingPool.Settings) { self.settings = settings }

    var statistics: BlockingPool.Statistics {
        monitor.withLock { state in
            var statistics = state.statistics
            statistics.busy = state.running.count
            statistics.queued = state.queue.count
            return statistics
        }
    }

    func nextID() -> UInt64 { ids.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Queues `job` and sees to it that a thread and the timer take care of it.
    func submit(_ job: BlockingJob) throws(SystemError) {
        if job.deadline.hasPassed { throw Self.late }
        let (newThreads, needsTimer) = try monitor.withLock { state throws(SystemError) -> (Range<Int>, Bool) in
            guard !state.isShutDown else {
                throw SystemError(.poolShutDown, "The gateway is stopping and takes no more work.")
            }
            guard state.queue.count < settings.maximumQueued else {
                throw SystemError(.poolSaturated, "Too much work waits for disks and helpers; try again soon.")
            }
            state.queue.append(job)
            if state.nextLook.map({ job.deadline < $0 }) ?? true {
                state.nextLook = job.deadline
                monitor.signal(Condition.time)
            }
            monitor.signal(Condition.work)
            let needsTimer = !state.isTimerRunning
            state.isTimerRunning = true
            return (claimThreads(&state), needsTimer)
        }
        if needsTimer { startTimer() }
        // With other threads alive the job is only late, not lost.
        guard startThreads(newThreads) else {
            withdraw(job.id)
            throw SystemError(.noResources, "The system refused to start a thread for the work.")
        }
    }

    /// Forgets a job that no thread has begun; its caller knows already.
    func withdraw(_ id: UInt64) {
        monitor.withLock { $0.queue.removeAll { $0.id == id } }
    }

    func shutdown() {
        let abandoned = monitor.withLock { state -> [BlockingJob] in
            state.isShutDown = true
            defer { state.queue.removeAll() }
            return state.queue
        }
        monitor.signalAll()
        for job in abandoned {
            job.abandon(SystemError(.poolShutDown, "The gateway is stopping and takes no more work."))
        }
    }

    private static let late = SystemError(.deadlineExceeded, "The answer did not come in time.")

    // MARK: - Threads

    /// Counts in as many more threads as the queue needs and the bounds allow; returns their numbers.
    private func claimThreads(_ state: inout State) -> Range<Int> {
        let first = state.threadsStarted + 1
        guard !state.isShutDown else { return first..<first }
        let wanted = min(
            state.queue.count - state.idle, settings.threads - state.working,
            settings.maximumThreads - state.statistics.threads)
        let count = max(0, wanted)
        state.statistics.threads += count
        state.threadsStarted += count
        return first..<(first + count)
    }

    /// Starts the threads with these numbers. `false` when the system refused and no thread at all is left.
    private func startThreads(_ numbers: Range<Int>) -> Bool {
        for number in numbers {
            do throws(SystemError) {
                try SystemThread.start(name: "\(settings.name)-\(number)", stack: settings.stack) { self.work() }
            } catch {
                return monitor.withLock { state in
                    state.statistics.threads -= numbers.upperBound - number
                    return state.statistics.threads > 0
                }
            }
        }
        return true
    }

    private func work() {
        while let job = nextJob() {
            job.perform()
            let isShutDown = monitor.withLock { state in
                if state.running.removeValue(forKey: job.id)?.isStuck == true { state.statistics.stuck -= 1 }
                state.statistics.completed += 1
                return state.isShutDown
            }
            if isShutDown { monitor.signalAll() }
        }
    }

    /// Waits for the next job of the calling thread; `nil` when that thread is no longer wanted.
    private func nextJob() -> BlockingJob? {
        var isIdle = false
        return monitor.wait { state in
            if isIdle { state.idle -= 1 }
            isIdle = false
            if state.isShutDown || state.working > settings.threads {
                state.statistics.threads -= 1
                return .done(nil)
            }
            guard !state.queue.isEmpty else {
                state.idle += 1
                isIdle = true
                return .wait(on: Condition.work, until: nil)
            }
            let job = state.queue.removeFirst()
            state.running[job.id] = Running(job: job)
            return .done(job)
        }
    }

    // MARK: - Time

    private func startTimer() {
        do throws(SystemError) {
            try SystemThread.start(name: "\(settings.name)-time", stack: .kibibytes(256)) { self.keepTime() }
        } catch {
            // Without it jobs run but deadlines slip; the next job tries again.
            monitor.withLock { $0.isTimerRunning = false }
        }
    }

    private func keepTime() {
        while let (late, newThreads) = monitor.wait(nextLook) {
            for job in late { job.abandon(Self.late) }
            // Threads that the system refuses now are asked for again with the next job.
            _ = startThreads(newThreads)
        }
    }

    /// Waits for the next deadline and takes out what has passed it. `nil` when the pool is gone.
    private func nextLook(_ state: inout State) -> Monitor<State>.Turn<(late: [BlockingJob], newThreads: Range<Int>)?> {
        if state.isShutDown, state.running.isEmpty { return .done(nil) }
        guard let look = state.nextLook else { return .wait(on: Condition.time, until: nil) }
        // One look at the clock for all: who became late between two of them would be taken out and never told.
        let now = Deadline(.now)
        guard look <= now else { return .wait(on: Condition.time, until: look) }

        var late = state.queue.filter { $0.deadline <= now }
        if !late.isEmpty { state.queue.removeAll { $0.deadline <= now } }
        for (id, running) in state.running where !running.isStuck && running.job.deadline <= now {
            state.running[id]?.isStuck = true
            state.statistics.stuck += 1
            late.append(running.job)
        }
        let pending = state.queue.map(\.deadline) + state.running.values.filter { !$0.isStuck }.map(\.job.deadline)
        state.nextLook = pending.min()
        return .done((late, claimThreads(&state)))
    }
}
