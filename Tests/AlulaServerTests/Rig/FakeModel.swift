import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaTestSupport
import Synchronization

@testable import AlulaServer

/// A model that says what a test told it, and knows who still listens.
final class FakeModel: Sendable {
    /// What an answer does next.
    enum Step: Sendable {
        case piece(InferenceEvent)
        /// Waits until it is cancelled.
        case hang
        case failure(AnswerError)
    }

    private struct State {
        var refusal: AnswerError?
        var steps: [Step] = []
        /// The pieces are said again and again.
        var repeats = false
        var hangsBefore = false
        var requests: [InferenceRequest] = []
        var embeddings: [EmbeddingRequest] = []
        var vectorLength = 2
        var pieces = 0
        var hanging = 0
        var cancelled = 0
        var watchers:
            [(isReached: @Sendable (borrowing State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Says "Hello" and ends.
    init() { say([.piece(.started(AnswerHead())), .piece(.text("Hello")), .piece(.finished(.stop))]) }

    func say(_ steps: [Step], repeats: Bool = false) {
        state.withLock { state in
            state.steps = steps
            state.repeats = repeats
        }
    }

    /// Answers nobody, for this reason.
    func refuse(_ error: AnswerError) { state.withLock { $0.refusal = error } }
    /// Waits before it answers, until it is cancelled.
    func hangBeforeAnswering() { state.withLock { $0.hangsBefore = true } }

    var requests: [InferenceRequest] { state.withLock { $0.requests } }
    var embeddings: [EmbeddingRequest] { state.withLock { $0.embeddings } }
    /// Pieces that somebody took so far.
    var pieces: Int { state.withLock { $0.pieces } }

    /// Returns once `count` answers hang.
    func hung(_ count: Int) async { await wait { $0.hanging >= count } }
    /// Returns once `count` answers that hung were cancelled.
    func cancelled(_ count: Int) async { await wait { $0.cancelled >= count } }
    /// Returns once `count` pieces were taken.
    func taken(_ count: Int) async { await wait { $0.pieces >= count } }

    func answer(_ request: InferenceRequest) async throws -> BegunAnswer {
        let (refusal, hangs, steps, repeats) = change { state in
            state.requests.append(request)
            return (state.refusal, state.hangsBefore, state.steps, state.repeats)
        }
        if hangs { try await hang() }
        if let refusal { throw refusal }
        return BegunAnswer(
            model: ModelReference(provider: "fake", model: "m 1"), attempts: 2,
            stream: Stream(model: self, steps: steps, repeats: repeats))
    }

    /// Makes vectors of so many numbers, of 2 otherwise.
    func makeVectors(of length: Int) { state.withLock { $0.vectorLength = length } }

    /// Makes a vector for each input, the number of the input first, unless it refuses.
    func embed(_ request: EmbeddingRequest) async throws -> MadeVectors {
        let (refusal, hangs, length) = change { state in
            state.embeddings.append(request)
            return (state.refusal, state.hangsBefore, state.vectorLength)
        }
        if hangs { try await hang() }
        if let refusal { throw refusal }
        return MadeVectors(
            model: ModelReference(provider: "fake", model: "m 1"), attempts: 2,
            answer: EmbeddingAnswer(
                (0..<request.input.count).compactMap { index in
                    EmbeddingVector([Float(index)] + [Float](repeating: 0.1, count: length - 1))
                }, inputTokens: 3))
    }

    /// Says what it is told, unless it refuses.
    func count(_ request: InferenceRequest, estimate: Int) async throws -> TokenCount {
        let refusal = change { state in
            state.requests.append(request)
            return state.refusal
        }
        if let refusal { throw refusal }
        return TokenCount(estimate, isEstimate: true)
    }

    private struct Stream: AnswerStream {
        let model: FakeModel
        let steps: [Step]
        let repeats: Bool
        var place = 0

        mutating func next() async throws -> InferenceEvent? {
            if repeats, place == steps.count { place = 0 }
            guard place < steps.count else { return nil }
            defer { place += 1 }
            switch steps[place] {
            case .piece(let event):
                try Task.checkCancellation()
                model.change { $0.pieces += 1 }
                return event
            case .failure(let error): throw error
            case .hang:
                try await model.hang()
                return nil
            }
        }
    }

    /// Waits until it is cancelled.
    private func hang() async throws {
        change { $0.hanging += 1 }
        defer { change { $0.cancelled += 1 } }
        try await ManualClock().sleep(for: .seconds(1))
    }

    private func wait(_ isReached: @escaping @Sendable (borrowing State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if isReached(state) { return true }
                state.watchers.append((isReached, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    @discardableResult
    private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        let (value, woken) = state.withLock { state in
            let value = body(&state)
            let current = state
            let woken = state.watchers.filter { $0.isReached(current) }.map(\.continuation)
            state.watchers.removeAll { $0.isReached(current) }
            return (value, woken)
        }
        woken.forEach { $0.resume() }
        return value
    }
}
