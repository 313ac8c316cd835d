package import AlulaAuth
package import AlulaCredentials
import AlulaPrimitives
import AlulaState

/// Introduces the module that reads databases to the module that reads credentials.
package enum CredentialReaders {
    /// Reads every source of facts on this machine. The worker and the fallback use the same.
    package static var facts: any FactReading { CredentialFactReader(databases: databases) }

    /// Reads stores out of databases.
    package static var databases: StoreDatabaseReader { { database($0) } }

    /// Blocks the calling thread.
    private static func database(_ database: StoreDatabase) -> SourceOutcome<StoreDatabaseDocuments> {
        do throws(StateError) {
            let found =
                switch database {
                case .agent(let path): try AgentDatabase.agentStore(at: path)
                case .shared(let path): try AgentDatabase.sharedStore(at: path)
                }
            guard let found else { return .absent }
            return .found(StoreDatabaseDocuments(profiles: found.profiles, state: found.state))
        } catch {
            let isBusy = error.code == .databaseBusy
            return .failed(
                SourceProblem(
                    isBusy ? .locked : .unreadable, error.message, path: database.path,
                    remedy: isBusy
                        ? "Try again when the other program is done with it."
                        : "Look at the file, or let OpenClaw's doctor repair it."))
        }
    }
}
