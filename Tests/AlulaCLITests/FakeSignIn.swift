import AlulaAuth
import AlulaCredentials
import AlulaPrimitives
import Synchronization

@testable import AlulaCLI

/// Attempts to sign in that end as a test wants.
final class FakeSignIn: SigningIn, BrowserSigningIn {
    struct State {
        /// What a browser brings; `nil` for one that never comes.
        var answer: CallbackVerdict?
        var hindrance: String?
        /// What redeeming the code fails with.
        var failure: RenewalFailure?
        var canBeRenewed = true
        var clientVariable: String?
        var device: FakeDevice?
        var opened: [String] = []
        var redeemed: [String] = []
        var begun = 0
        var ended = 0
    }

    private let state = Mutex(State())

    var opened: [String] { state.withLock { $0.opened } }
    var redeemed: [String] { state.withLock { $0.redeemed } }
    /// Attempts that were begun and not ended.
    var left: Int { state.withLock { $0.begun - $0.ended } }
    var begun: Int { state.withLock { $0.begun } }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    func opened(_ address: String) { state.withLock { $0.opened.append(address) } }

    func begin(_ provider: ProviderID) async throws -> SignInWay {
        if provider == "github-copilot" { return .onDevice }
        guard provider == "openai-codex" || provider == "chutes" else { return .none }
        if let variable = state.withLock({ $0.clientVariable }) { return .needsClient(variable: variable) }
        state.withLock { $0.begun += 1 }
        return .browser(self)
    }

    func beginOnDevice(_ provider: ProviderID) async throws -> (any DeviceSigningIn)? {
        guard provider == "openai-codex" || provider == "github-copilot" else { return nil }
        let (device, failure) = state.withLock { ($0.device, $0.failure) }
        if let failure { throw failure }
        return device
    }

    var url: String { "https://sign.example/in?state=fake-state" }
    var hindrance: String? { state.withLock { $0.hindrance } }

    func answer(until deadline: Deadline) async throws -> CallbackVerdict? {
        if let answer = state.withLock({ $0.answer }) { return answer }
        for await _ in AsyncStream<Never>.makeStream().stream {}
        try Task.checkCancellation()
        return nil
    }

    func judge(pasted text: String) -> CallbackVerdict {
        switch text {
        case "right": .code(Secret("CANARY-code"))
        case "no": .refused("access_denied")
        case "elsewhere": .foreign(.otherPath)
        case "old": .foreign(.otherState)
        default: .foreign(.malformed)
        }
    }

    func redeem(_ code: Secret, until deadline: Deadline) async throws -> IssuedLogin {
        let (failure, canBeRenewed) = state.withLock { state in
            state.redeemed.append(code.exposed)
            return (state.failure, state.canBeRenewed)
        }
        if let failure { throw failure }
        return IssuedLogin(
            TokenGrant(
                access: Secret("CANARY-access"), refresh: canBeRenewed ? Secret("CANARY-refresh") : nil,
                lifetime: .seconds(3600)),
            of: "openai-codex", clientID: nil, at: CommandScene.now)
    }

    func end() async { state.withLock { $0.ended += 1 } }
}
