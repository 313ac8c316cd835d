import AlulaAuth
import AlulaConfiguration

/// One thing that `doctor` looks at.
struct DoctorCheck: Sendable {
    /// What a check came to.
    enum Outcome: Sendable {
        case findings([Finding])
        case skipped
    }

    /// Stable, such as `state.directory`.
    let id: String
    let run: @Sendable (DoctorScene) async throws -> Outcome

    init(_ id: String, _ run: @escaping @Sendable (DoctorScene) async throws -> Outcome) {
        self.id = id
        self.run = run
    }

    /// Every check, in the order in which things depend on each other.
    static let all: [DoctorCheck] =
        StateChecks.all + ConfigurationChecks.all + CredentialChecks.all + MachineChecks.all + ProviderChecks.all
}
