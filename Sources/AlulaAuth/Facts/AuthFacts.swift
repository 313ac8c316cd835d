package import AlulaPrimitives

/// Everything that is known about credentials at one time. It holds no secret, so it may be sent, kept and shown.
package struct AuthFacts: Hashable, Sendable {
    package var environment: EnvironmentFact
    package var stores: [StoreID: Reading<StoreFact>]
    package var logins: [LoginTool: Reading<LoginFact>]
    package var googleCredentials: Reading<GoogleCredentialsFact>
    package var awsFiles: Reading<AWSFilesFact>
    /// By alias of `secrets.providers`; file and helper aliases share one name space.
    package var secretSources: [String: Reading<SecretSourceFact>]
    /// Logins that this gateway could not renew, by the digest of their refresh token. They are in no file that is read.
    package var renewalTroubles: [FactVersion: RenewalTrouble] = [:]

    package init(
        environment: EnvironmentFact = .init(), stores: [StoreID: Reading<StoreFact>] = [:],
        logins: [LoginTool: Reading<LoginFact>] = [:],
        googleCredentials: Reading<GoogleCredentialsFact> = .pending,
        awsFiles: Reading<AWSFilesFact> = .pending, secretSources: [String: Reading<SecretSourceFact>] = [:]
    ) {
        self.environment = environment
        self.stores = stores
        self.logins = logins
        self.googleCredentials = googleCredentials
        self.awsFiles = awsFiles
        self.secretSources = secretSources
    }
}

/// The reading of one source, as it comes back from whoever gathered it.
package enum SourceReading: Hashable, Sendable {
    case store(StoreID, Reading<StoreFact>)
    case login(LoginTool, Reading<LoginFact>)
    case googleCredentials(Reading<GoogleCredentialsFact>)
    case awsFiles(Reading<AWSFilesFact>)
    case secretSource(alias: String, Reading<SecretSourceFact>)
}

extension AuthFacts {
    /// Takes in one reading, in place of what was known about the same source.
    package mutating func apply(_ reading: SourceReading) {
        switch reading {
        case .store(let store, let reading): stores[store] = reading
        case .login(let tool, let reading): logins[tool] = reading
        case .googleCredentials(let reading): googleCredentials = reading
        case .awsFiles(let reading): awsFiles = reading
        case .secretSource(let alias, let reading): secretSources[alias] = reading
        }
    }
}
