import AlulaAuth
import AlulaGateway
import AlulaPrimitives

/// Signs in with the gateway's own parts.
struct LiveSigningIn: SigningIn {
    /// How long a provider may take to give a code.
    private static let patience = Duration.seconds(30)

    private let desk: SignInDesk

    init(_ desk: SignInDesk) { self.desk = desk }

    func begin(_ provider: ProviderID) async throws -> SignInWay {
        do {
            return switch try await desk.begin(provider) {
            case .browser(let attempt): .browser(attempt)
            case .needsClient(let variable): .needsClient(variable: variable)
            case .onDevice: .onDevice
            case .none: .none
            }
        } catch let failure as SignInFailure {
            throw Self.error(failure)
        }
    }

    func beginOnDevice(_ provider: ProviderID) async throws -> (any DeviceSigningIn)? {
        do {
            return try await desk.beginOnDevice(provider, until: .after(Self.patience))
        } catch let failure as SignInFailure {
            throw Self.error(failure)
        }
    }

    private static func error(_ failure: SignInFailure) -> CommandError {
        CommandError(.usage, "Nobody can sign in: \(failure.message).")
    }
}

extension DeviceSignIn: DeviceSigningIn {}

extension BrowserSignIn: BrowserSigningIn {
    package var hindrance: String? { obstacle?.message }
}
