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

    /// How long the system may take to load the program. Where its disk hangs, starting it never returns.
    private static let standardStartLimit = Duration.seconds(10)
    /// How much longer than a source's limit a worker may say nothing. One that was stopped would else hold up what
    /// changes meanwhile for as long as a warm may take.
    private static let standardPatience = Duration.seconds(3)
    /// How long a cancelled caller waits for a child that is just being started.
    private static let farewell = Duration.seconds(1)

    let command: ChildCommand
    private let startLimit: Duration
    private let patience: Duration
    private let start: @Sendable (ChildCommand) throws(SystemError) -> ChildSession
    private let generation = Atomic<Int64>(0)

    /// - Parameters:
    ///   - executable: The program to start.
    ///   - arguments: What makes it a worker.
    package convenience init(
        executable: String = ChildProcess.ownExecutable, arguments: [String] = [WarmWorkerMain.argument]
    ) {
        self.init(
            command: ChildCommand(
                executable: executable, arguments: arguments, environment: Self.environment, workingDirectory: "/"),
            startLimit: Self.standardStartLimit
        ) { (command) throws(SystemError) in try ChildSession(command) }
    }

    /// - Parameter start: Starts the program; it may block.
    init(
        command: ChildCommand, startLimit: Duration, patience: Duration = standardPatience,
        start: @escaping @Sendable (ChildCommand) throws(SystemError) -> ChildSession
    ) {
        self.command = command
        self.startLimit = startLimit
        self.patience = patience
        self.start = start
    }

    package func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        try Task.checkCancellation()
        guard !deadline.hasPassed else { throw WarmWorkerConversation.late }
        let number = generation.wrappingAdd(1, ordering: .relaxed).newValue
        let request = WorkerRequest(generation: number, plan: plan)
        let leash = WorkerLeash()
        let outcome = WorkerOutcome()
        // Not on the pool: the kernel ends the child together with the thread that started it, and a cancelled caller
        // has to wait for the child's end, which takes milliseconds.
        do throws(SystemError) {
            try SystemThread.start(name: "warm-worker") { [command, patience, start] in
                let result = Result {
                    try WorkRegister.withWork("gather facts in the worker") {
                        try WarmWorkerConversation.hold(
                            command, request: request, deadline: deadline, leash: leash,
                            patience: patience, start: start)
                    }
                }
                outcome.settle(leash.isCut ? .failure(CancellationError()) : result)
            }
        } catch {
            throw GatherError(.cannotStart, "The worker got no thread.", underlying: error)
        }
        // Ends when it fires or with this function. Everything after the start has deadlines of its own.
        let alarm = Task { [startLimit] in
            do { try await Task.sleep(until: deadline.capped(at: startLimit).instant) } catch { return }
            guard leash.cutUnlessStarted() else { return }
            outcome.settle(
                .failure(
                    deadline.hasPassed
                        ? WarmWorkerConversation.late
                        : GatherError(.cannotStart, "The worker's program could not be loaded in time.")))
        }
        defer { alarm.cancel() }
        return try await withTaskCancellationHandler {
            try await outcome.value
        } onCancel: {
            guard !leash.cut() else { return }
            // Ends by itself after a second: as a rule the child has been started and ended by then.
            Task {
                do { try await Task.sleep(for: Self.farewell) } catch {}
                outcome.settle(.failure(CancellationError()))
            }
        }
    }
}

/// Where the result of a gathering goes: the first one counts.
private final class WorkerOutcome: Sendable {
    private typealias Value = Result<GatheredFacts, any Error>

    private enum State {
        case open
        case awaited(CheckedContinuation<GatheredFacts, any Error>)
        case settled(Value)
    }

    private let state = Mutex(State.open)

    /// For one caller.
    var value: GatheredFacts {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let settled = state.withLock { state -> Value? in
                    if case .settled(let result) = state { return result }
                    state = .awaited(continuation)
                    return nil
                }
                if let settled { continuation.resume(with: settled) }
            }
        }
    }

    func settle(_ result: Result<GatheredFacts, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<GatheredFacts, any Error>? in
            switch state {
            case .open:
                state = .settled(result)
                return nil
            case .awaited(let continuation):
                state = .settled(result)
                return continuation
            case .settled:
                return nil
            }
        }
        waiting?.resume(with: result)
    }
}

/// What a canceller holds of a child that may not have started yet.
final class WorkerLeash: Sendable {
    private enum State {
        /// The child is being started.
        case idle
        case holding(ChildSession)
        /// The child was started, and has ended.
        case released
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
            if case .holding = state { state = .released }
        }
    }

    /// Kills the child with everything in its process group, now or as soon as it is there. Doesn't block.
    ///
    /// - Returns: Whether the child had been started.
    @discardableResult
    func cut() -> Bool {
        let earlier = state.withLock { state in
            defer { state = .cut }
            return state
        }
        switch earlier {
        case .idle, .cut: return false
        case .released: return true
        case .holding(let session):
            session.kill()
            return true
        }
    }

    /// Gives up a child that has not been started yet; it ends as soon as it is there.
    ///
    /// - Returns: Whether it was given up.
    func cutUnlessStarted() -> Bool {
        state.withLock { state in
            guard case .idle = state else { return false }
            state = .cut
            return true
        }
    }
}
