package import AlulaPrimitives
import Synchronization

/// The place for work that blocks: own threads, a bounded queue, a deadline for each job.
///
/// Neither waiting callers nor deadlines need the cooperative pool's threads to be on time: one timer thread of the
/// pool's own keeps the deadlines. A job that outlives its deadline can't be interrupted; its caller is told, its
/// thread counts as stuck, and another thread takes its place up to ``Settings/maximumThreads``.
package final class BlockingPool: Sendable {
    /// Bounds of a pool.
    package struct Settings: Sendable {
        /// Threads that work when none is stuck; they start when first needed.
        package var threads = 8
        /// Threads at most, stuck ones included.
        package var maximumThreads = 64
        /// Jobs that may wait for a thread.
        package var maximumQueued = 1024
        /// Stack of each thread.
        package var stack = ByteCount.kibibytes(768)
        /// Begins the threads' names.
        package var name = "blocking"

        package init() {}
    }

    /// What a pool is doing at this moment.
    package struct Statistics: Hashable, Sendable {
        /// Threads alive, stuck ones included.
        package var threads = 0
        /// Threads inside a job, stuck ones included.
        package var busy = 0
        /// Threads inside a job whose deadline has passed.
        package var stuck = 0
        /// Jobs that wait for a thread.
        package var queued = 0
        /// Jobs whose body has ended since the start.
        package var completed = 0
    }

    private let core: BlockingPoolCore

    package init(_ settings: Settings = Settings()) {
        core = BlockingPoolCore(settings)
    }

    deinit { core.shutdown() }

    /// What the pool is doing at this moment.
    package var statistics: Statistics { core.statistics }

    /// Runs `body` on a thread of the pool and returns what it returns, without blocking the caller's thread.
    ///
    /// - Parameters:
    ///   - label: What the job does, for ``WorkRegister``.
    ///   - deadline: When the caller stops waiting. The body isn't interrupted; its late result is dropped.
    /// - Throws: ``SystemError/Code/deadlineExceeded``, ``SystemError/Code/poolSaturated``,
    ///   ``SystemError/Code/poolShutDown``, `CancellationError` as soon as the caller is cancelled, or what `body`
    ///   throws.
    package func run<Value: Sendable>(
        _ label: StaticString, deadline: Deadline, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let ticket = BlockingTicket<Value>()
        let job = BlockingJob(
            id: core.nextID(), label: label, deadline: deadline,
            perform: { ticket.settle(Result { try WorkRegister.withWork(label, body) }) },
            abandon: { ticket.settle(.failure($0)) }
        )
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard ticket.install(continuation) else { return }
                do throws(SystemError) { try core.submit(job) } catch { ticket.settle(.failure(error)) }
            }
        } onCancel: {
            ticket.settle(.failure(CancellationError()))
            core.withdraw(job.id)
        }
    }

    /// Refuses new jobs, fails the waiting ones and lets the threads end after the job they are in. Does not wait.
    package func shutdown() { core.shutdown() }
}

/// The meeting point of one caller with one job: whoever settles first decides.
final class BlockingTicket<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value, any Error>)
        /// Settled before the caller got to wait.
        case early(Result<Value, any Error>)
        case settled
    }

    private let state = Mutex(State.open)

    /// Hands over the caller's continuation. `false` when the ticket was settled already; the caller is then resumed.
    func install(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let early = state.withLock { state -> Result<Value, any Error>? in
            if case .early(let result) = state {
                state = .settled
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        guard let early else { return true }
        continuation.resume(with: early)
        return false
    }

    /// Resumes the caller, unless somebody was faster.
    func settle(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .open:
                state = .early(result)
                return nil
            case .waiting(let continuation):
                state = .settled
                return continuation
            case .early, .settled:
                return nil
            }
        }
        waiting?.resume(with: result)
    }
}

/// One piece of work with the type of its result hidden.
struct BlockingJob: Sendable {
    let id: UInt64
    let label: StaticString
    let deadline: Deadline
    /// Runs the body and tells the caller.
    let perform: @Sendable () -> Void
    /// Tells the caller that there will be no result.
    let abandon: @Sendable (any Error) -> Void
}
