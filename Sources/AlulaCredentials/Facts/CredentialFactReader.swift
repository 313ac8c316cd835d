package import AlulaAuth
import AlulaPrimitives

/// Reads the sources of a plan into facts. It is the only code that sees both a secret and a fact.
package struct CredentialFactReader: FactReading {
    private let stores: CredentialStoreLoader

    /// Makes a reader.
    ///
    /// - Parameter databases: Reads the databases of later versions; without it they are reported and not read.
    package init(databases: StoreDatabaseReader? = nil) { stores = CredentialStoreLoader(databases: databases) }

    /// Blocks the calling thread.
    package func read(_ item: GatherPlan.Item, markers: Set<String>) -> SourceReading {
        switch item {
        case .store(let store, let legacyOAuthPath, let sharedDatabasePath):
            let files = CredentialStoreFiles(
                store, legacyOAuthPath: legacyOAuthPath, sharedDatabasePath: sharedDatabasePath)
            return .store(
                store, Reading(stores.load(files)) { ($0.document.fact(markers: markers), $0.version) })
        case .login(let tool, let path):
            return .login(tool, Reading(ToolLoginReader.load(tool, path: path)) { ($0.fact, $0.version) })
        case .googleCredentials(let paths):
            return .googleCredentials(Reading(AmbientCredentialsReader.google(paths: paths)) { ($0.fact, $0.version) })
        case .awsFiles(let configPath, let credentialsPath, let webIdentityTokenPath):
            let files = AmbientCredentialsReader.aws(
                configPath: configPath, credentialsPath: credentialsPath, webIdentityTokenPath: webIdentityTokenPath)
            return .awsFiles(Reading(files) { ($0.fact, $0.version) })
        case .secretFile(let alias, let path, let isSingleValue, let maximumBytes, let ids):
            let file = SecretFile(
                path: path, isSingleValue: isSingleValue, maximum: ByteCount(bytes: maximumBytes))
            return .secretSource(alias: alias, Reading(file.load()) { ($0.fact(of: ids), $0.version) })
        }
    }
}

extension Reading {
    /// Leaves the secrets of an outcome behind.
    init<Content>(_ outcome: SourceOutcome<Content>, fact: (Content) -> (Fact, FactVersion)) {
        switch outcome {
        case .absent:
            self = .absent
        case .found(let content):
            let (fact, version) = fact(content)
            self = .found(fact, version: version)
        case .failed(let problem):
            self = .failed(problem)
        }
    }
}
