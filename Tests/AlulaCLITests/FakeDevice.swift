import AlulaAuth
import AlulaCredentials
import AlulaPrimitives
import Synchronization

@testable import AlulaCLI

/// A code that somebody types, or nobody, as a test wants.
final class FakeDevice: DeviceSigningIn {
    /// What one question comes to.
    enum Answer {
        case notYet
        case typed
        case gaveToken
        case failed(RenewalFailure.Code)
    }

    private let state: Mutex<(answers: [Answer], asked: Int, ended: Int, redeeming: RenewalFailure.Code?)>

    /// - Parameters:
    ///   - answers: In turn; the last one again and again.
    ///   - redeeming: What redeeming fails with.
    init(_ answers: [Answer], redeeming: RenewalFailure.Code? = nil) {
        state = Mutex((answers, 0, 0, redeeming))
    }

    var asked: Int { state.withLock { $0.asked } }
    var ended: Int { state.withLock { $0.ended } }

    var page: String { "https://sign.example/device" }
    var userCode: String { "FAKE-1234" }
    var lifetime: Duration { .seconds(900) }
    var polling: DevicePolling { DevicePolling(interval: .seconds(5), lifetime: lifetime) }

    func answer(until deadline: Deadline) async throws -> DeviceGrant? {
        let answer = state.withLock { state in
            state.asked += 1
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        switch answer {
        case .notYet: return nil
        case .typed: return .code(Secret("CANARY-code"), verifier: Secret("CANARY-verifier"))
        case .gaveToken: return .token(Secret("CANARY-token"))
        case .failed(let code): throw RenewalFailure(code, "the provider said no")
        }
    }

    func redeem(_ grant: DeviceGrant, until deadline: Deadline) async throws -> IssuedLogin {
        if let code = state.withLock({ $0.redeeming }) { throw RenewalFailure(code, "the provider said no") }
        if case .token(let token) = grant { return IssuedLogin(token, of: "github-copilot", named: "github") }
        return IssuedLogin(
            TokenGrant(access: Secret("CANARY-access"), refresh: Secret("CANARY-refresh"), lifetime: .seconds(3600)),
            of: "openai-codex", clientID: nil, at: CommandScene.now)
    }

    func end() async { state.withLock { $0.ended += 1 } }
}
