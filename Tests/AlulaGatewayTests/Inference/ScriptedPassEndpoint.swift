import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import Synchronization

/// Gives a pass with the next number for any token, or fails as a test wants.
final class ScriptedPassEndpoint: PassEndpoint {
    static let noon = Timestamp(milliseconds: 1_780_000_000_000)

    private let state = Mutex((asked: [String](), failure: PassFailure?.none))

    /// The stored tokens that were sent.
    var asked: [String] { state.withLock { $0.asked } }

    func fail(_ failure: PassFailure?) { state.withLock { $0.failure = failure } }

    func pass(
        for token: Secret, at entry: PassEndpointEntry, by transport: CallTransport?, until deadline: Deadline
    ) async throws -> Pass {
        let (count, failure) = state.withLock { state in
            state.asked.append(token.exposed)
            return (state.asked.count, state.failure)
        }
        if let failure { throw failure }
        return Pass(
            token: Secret("fake-pass-\(count)"), baseURL: "https://api.lab.example",
            end: Self.noon.advanced(by: .seconds(1800)), refreshIn: .seconds(1500))
    }
}
