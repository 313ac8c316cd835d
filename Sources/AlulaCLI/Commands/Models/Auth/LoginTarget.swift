import AlulaPrimitives
import ArgumentParser

/// Which login a command stores.
struct LoginTarget: ParsableArguments {
    @Option(help: ArgumentHelp("The provider, such as groq.", valueName: "id")) var provider: String
    @Option(
        help: ArgumentHelp("The login's name; default: <provider>:default.", valueName: "id")) var profileId: String?

    func validate() throws {
        guard !ProviderID(provider).rawValue.isEmpty else { throw ValidationError("--provider is empty.") }
        if let profileId, ProfileID(profileId).rawValue.isEmpty { throw ValidationError("--profile-id is empty.") }
    }

    var providerID: ProviderID { ProviderID(provider) }
    /// The id that a person gave.
    var chosen: ProfileID? { profileId.map { ProfileID($0) } }
    var profile: ProfileID { profileId.map { ProfileID($0) } ?? .standard(for: providerID) }
}
