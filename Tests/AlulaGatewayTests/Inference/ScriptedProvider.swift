import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaTestSupport
import Synchronization

/// A provider that does what a test says, by login and model, and remembers who was asked.
final class ScriptedProvider: ModelProvider {
    /// What a call comes to.
    enum Behaviour: Sendable {
        case says([InferenceEvent])
        case fails(status: Int?, String)
        /// Says something and breaks off.
        case breaks(status: Int, String)
        /// The connection is late.
        case isLate
        case throwsOther
        case hangs
    }

    struct Odd: Error {}

    private struct State {
        var behaviours: [String: Behaviour] = [:]
        var calls: [FailoverRoute] = []
    }

    private let state = Mutex(State())
    /// Nobody advances it: what waits for it waits until it is cancelled.
    private let clock = ManualClock()
    /// What happens while a call is made.
    private let during: @Sendable () -> Void

    init(_ behaviours: [String: Behaviour] = [:], during: @escaping @Sendable () -> Void = {}) {
        self.during = during
        state.withLock { $0.behaviours = behaviours }
    }

    static let hello: [InferenceEvent] = [.started(AnswerHead()), .text("Hello"), .finished(.stop)]

    /// Logins that were asked, with their models.
    var calls: [String] { state.withLock { $0.calls.map { "\($0.model.model) \($0.login)" } } }

    func become(_ behaviours: [String: Behaviour]) { state.withLock { $0.behaviours = behaviours } }

    func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let behaviour = state.withLock { state in
            state.calls.append(call.route)
            return state.behaviours["\(call.route.login)"] ?? state.behaviours[call.route.model.model.rawValue]
        }
        during()
        switch behaviour ?? .says(Self.hello) {
        case .says(let events): return Recital(events: events[...])
        case .fails(let status, let message):
            throw AttemptFailure(FailureReport(status: status, message: message))
        case .breaks(let status, let message):
            return Recital(
                events: [.text("Hel")], failure: AttemptFailure(FailureReport(status: status, message: message)))
        case .isLate: throw AttemptFailure(judgement: .failure(.timeout), message: "It did not answer in time.")
        case .throwsOther: throw Odd()
        case .hangs:
            try await clock.sleep(for: .seconds(1))
            throw Odd()
        }
    }

    private struct Recital: AnswerStream {
        var events: ArraySlice<InferenceEvent>
        var failure: AttemptFailure?

        mutating func next() async throws -> InferenceEvent? {
            if let event = events.popFirst() { return event }
            if let failure { throw failure }
            return nil
        }
    }
}
