package import AlulaAuth
package import AlulaPrimitives
import AlulaSystem
import Synchronization

/// Gathers facts in a process of their own, which ends with the gathering whatever happens.
///
/// The child is this same program. It is told names and paths, inherits no environment, and is killed with everything
/// in its process group at the deadline, on cancellation and after any answer that isn't understood.
package final class WarmWorkerClient: FactGathering {
    /// What a worker gets to see of the environment: nothing of this process's.
    package static let environment = ["LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"]

    let command: ChildCommand
    private let generation = Atomic<Int64>(0)

    /// - Parameters:
    ///   - executable: The program to start.
    ///   - arguments: What makes it a worker.
    package init(
        executable: String = ChildProcess.ownExecutable, arguments: [String] = [WarmWorkerMain.argument]
    ) {
        command = ChildCommand(
            executable: executable, arguments: arguments, environment: Self.environment, workingDirectory: "/")
    }

    package func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        try Task.checkCancellation()
        guard !deadline.hasPassed else { throw WarmWorkerConversation.late }
        let number = generation.wrappingAdd(1, ordering: .relaxed).newValue
        let request = WorkerRequest(generation: number, plan: plan)
        let leash = WorkerLeash()
        return try await withTaskCancellationHandler {
            // Not on the pool: the kernel ends the child together with the thread that started it, and a cancelled
            // caller has to wait for the child's end, which takes milliseconds.
            try await withCheckedThrowingContinuation { continuation in
                do throws(SystemError) {
                    try SystemThread.start(name: "warm-worker") { [command] in
                        let result = Result {
                            try WorkRegister.withWork("gather facts in the worker") {
                                try WarmWorkerConversation.hold(
                                    command, request: request, deadline: deadline, leash: leash)
                            }
                        }
                        continuation.resume(with: leash.isCut ? .failure(CancellationError()) : result)
                    }
                } catch {
                    continuation.resume(
                        throwing: GatherError(.cannotStart, "The worker got no thread.", underlying: error))
                }
            }
        } onCancel: {
            leash.cut()
        }
    }
}

/// What a canceller holds of a child that may not have started yet.
final class WorkerLeash: Sendable {
    private enum State {
        case idle
        case holding(ChildSession)
        case cut
    }

    private let state = Mutex(State.idle)

    /// Whether the gathering was cancelled.
    var isCut: Bool { state.withLock { if case .cut = $0 { true } else { false } } }

    /// Takes a child that has just started. `false` when it has to end at once.
    func take(_ session: ChildSession) -> Bool {
        state.withLock { state in
            if case .cut = state { return false }
            state = .holding(session)
            return true
        }
    }

    /// Lets go of a child that has ended.
    func release() {
        state.withLock { state in
            if case .holding = state { state = .idle }
        }
    }

    /// Kills the child with everything in its process group, now or as soon as it is there. Doesn't block.
    func cut() {
        let session = state.withLock { state -> ChildSession? in
            defer { state = .cut }
            if case .holding(let session) = state { return session }
            return nil
        }
        session?.kill()
    }
}
