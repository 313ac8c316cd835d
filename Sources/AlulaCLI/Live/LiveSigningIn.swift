import AlulaAuth
import AlulaGateway
import AlulaPrimitives

/// Signs in with the gateway's own parts.
struct LiveSigningIn: SigningIn {
    private let desk: SignInDesk

    init(_ desk: SignInDesk) { self.desk = desk }

    func begin(_ provider: ProviderID) async throws -> SignInWay {
        do {
            return switch try await desk.begin(provider) {
            case .browser(let attempt): .browser(attempt)
            case .needsClient(let variable): .needsClient(variable: variable)
            case .none: .none
            }
        } catch let failure as SignInFailure {
            throw CommandError(.usage, "Nobody can sign in: \(failure.message).")
        }
    }
}

extension BrowserSignIn: BrowserSigningIn {
    package var hindrance: String? { obstacle?.message }
}
