import AlulaAuth
import AlulaConfiguration

/// What the checks look at. Things that several need are read once.
struct DoctorScene: Sendable {
    let environment: CommandEnvironment
    let context: CommandContext
    let configuration: ConfigurationOutcome
    /// `nil` when it could not be made; ``preparationFailure`` says why.
    let prepared: PreparedAuth?
    let preparationFailure: String?
    let gateway: RunningGateway?
    /// Whether helper programs behind `secrets.providers` were run.
    let ranHelpers: Bool

    /// The settings, or `nil` when the file can't be read.
    var settings: Configuration? {
        if case .loaded(let loaded) = configuration { loaded.configuration } else { nil }
    }

    var reader: AuthReader? { prepared.map { AuthReader($0, now: environment.now()) } }
}
