/// Whether a profile may be tried for a provider, and if not, why. Raw values are the protocol's.
package enum ProfileEligibility: String, CaseIterable, Sendable {
    case ok
    case profileMissing = "profile_missing"
    case providerMismatch = "provider_mismatch"
    case modeMismatch = "mode_mismatch"
    case missingCredential = "missing_credential"
    case invalidExpiry = "invalid_expires"
    case expired
    /// Declared by the protocol; whether a reference resolves is found out when the profile is weighed.
    case unresolvedReference = "unresolved_ref"

    /// The same as an answer about a provider. For ``ok`` it is what remains: nobody has logged in.
    package var unavailableReason: UnavailableReason {
        switch self {
        case .ok, .profileMissing: .noLogin
        case .providerMismatch: .providerMismatch
        case .modeMismatch: .modeMismatch
        case .missingCredential: .missingCredential
        case .invalidExpiry: .invalidExpiry
        case .expired: .expired
        case .unresolvedReference: .unresolvedReference
        }
    }
}
