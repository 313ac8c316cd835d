import AlulaProtocol
import NIOCore
import Synchronization

/// The work for one request to a model, from its head to the last byte of its answer. It may be ended from outside: by the
/// caller who hangs up, by the clock, and by the gateway that stops.
final class AnswerWork: Sendable {
    /// Who ended it.
    enum Ending: Sendable {
        case hungUp
        case stopping
        case bodyTooSlow
        case outOfTime
    }

    /// How much of the request's body has been read.
    enum BodyProgress: Sendable {
        case untouched
        case begun
        case whole
    }

    private struct State {
        var ending: Ending?
        var body = BodyProgress.untouched
        /// Ends the task under way.
        var cancel: (@Sendable () -> Void)?
        var timer: Scheduled<Void>?
        var heldBytes = 0
        /// One of ``ServerEvents/modelOutcomes``.
        var outcome = ServerEvents.callerLeft
    }

    private let state = Mutex(State())
    private let core: ServerCore
    /// The connection's; what is done for the request runs there.
    let eventLoop: any EventLoop
    private let began = ContinuousClock.now

    private init(_ core: ServerCore, _ eventLoop: any EventLoop) {
        self.core = core
        self.eventLoop = eventLoop
    }

    deinit {
        let (timer, bytes, outcome) = state.withLock { ($0.timer, $0.heldBytes, $0.outcome) }
        timer?.cancel()
        core.answers.remove(ObjectIdentifier(self), bytes: bytes)
        core.observer.modelRequestEnded(outcome: outcome, after: began.duration(to: .now))
    }

    static func begin(for channel: any Channel, in core: ServerCore) async -> AnswerWork {
        let work = AnswerWork(core, channel.eventLoop)
        core.answers.add(work)
        await CallerLine.of(channel).watch(work)
        return work
    }

    /// Why it ended from outside; `nil` while it did not.
    var ending: Ending? { state.withLock { $0.ending } }

    /// Ends it, unless somebody else did.
    func end(_ ending: Ending) {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.ending == nil else { return nil }
            state.ending = ending
            return state.cancel
        }
        cancel?()
    }

    /// Ends it after `time`, in place of an earlier such time.
    func end(_ ending: Ending, after time: Duration) {
        let timer = eventLoop.scheduleTask(in: TimeAmount(time)) { [weak self] in
            self?.end(ending)
            return ()
        }
        let earlier = state.withLock { state in
            defer { state.timer = timer }
            return state.timer
        }
        earlier?.cancel()
    }

    /// How much of the request's body has been read.
    var body: BodyProgress { state.withLock { $0.body } }

    func note(_ body: BodyProgress) { state.withLock { $0.body = body } }

    /// The caller has the whole answer, or is told why not.
    func answered(_ error: AnswerError?) {
        let outcome = error.map { ServerEvents.outcome($0.kind) } ?? "ok"
        state.withLock { $0.outcome = outcome }
    }

    /// Counts bytes of the body until the work is done. `false` when all bodies together have become too many.
    func hold(bytes: Int) -> Bool {
        guard core.answers.hold(bytes) else { return false }
        state.withLock { $0.heldBytes += bytes }
        return true
    }

    /// Does a part of the work.
    ///
    /// - Throws: What `body` throws, and `CancellationError` once somebody ended the work: ``ending`` says who.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        // A task of its own, so that whoever ends the work reaches it. It is awaited here, and so ends here. It takes along no
        // values of the task that waits: nothing here reads any, and each stream would hold copies of them.
        let task = Task.detached(executorPreference: core.executors[eventLoop]) { try await body() }
        let hasEnded = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.ending != nil
        }
        if hasEnded { task.cancel() }
        defer { state.withLock { $0.cancel = nil } }
        return try await withTaskCancellationHandler {
            let value = try await task.value
            // Work that did not notice its end is worth nothing either.
            if ending != nil { throw CancellationError() }
            return value
        } onCancel: {
            task.cancel()
        }
    }
}

/// The requests to models that are under way.
final class OpenAnswers: Sendable {
    private struct Entry {
        weak var work: AnswerWork?
    }

    private struct State {
        var works: [ObjectIdentifier: Entry] = [:]
        var heldBytes = 0
        var isStopping = false
    }

    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// How many there are.
    var count: Int { state.withLock { $0.works.count } }

    func add(_ work: AnswerWork) {
        let isStopping = state.withLock { state in
            state.works[ObjectIdentifier(work)] = Entry(work: work)
            return state.isStopping
        }
        if isStopping { work.end(.stopping) }
    }

    func remove(_ id: ObjectIdentifier, bytes: Int) {
        state.withLock { state in
            state.works[id] = nil
            state.heldBytes -= bytes
        }
    }

    func hold(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard state.heldBytes + bytes <= maximumBytes else { return false }
            state.heldBytes += bytes
            return true
        }
    }

    /// Ends all of them, and whatever begins from now on.
    func stop() {
        let works = state.withLock { state in
            state.isStopping = true
            return state.works.values.compactMap(\.work)
        }
        for work in works { work.end(.stopping) }
    }
}
