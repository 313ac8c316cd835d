import NIOCore
import Synchronization

/// Runs tasks on an event loop: what a connection's task does then needs no other thread, save for what goes to the blocking
/// pool. The rule for such tasks is the one of the cooperative pool, and of event loops: they never block.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// One for each event loop, since an executor has to outlive whatever runs on it.
final class LoopExecutors: Sendable {
    private let known = Mutex<[ObjectIdentifier: LoopExecutor]>([:])

    /// The executor that runs tasks on `loop`.
    subscript(loop: any EventLoop) -> LoopExecutor {
        known.withLock { known in
            let id = ObjectIdentifier(loop)
            if let executor = known[id] { return executor }
            let executor = LoopExecutor(loop)
            known[id] = executor
            return executor
        }
    }
}
