import AlulaAuth
import AlulaCredentials
import AlulaModels
package import AlulaPrimitives
import AlulaState
package import AlulaSystem

/// Changes credential stores on the blocking pool: one locked, durable write for each call.
package struct StoreEditor: Sendable {
    /// How long a change may take, waiting for the lock included.
    private static let deadline = Duration.seconds(25)

    private let pool: BlockingPool
    private let isReadOnly: Bool
    private let now: @Sendable () -> Timestamp

    package init(pool: BlockingPool, isReadOnly: Bool, now: @escaping @Sendable () -> Timestamp) {
        self.pool = pool
        self.isReadOnly = isReadOnly
        self.now = now
    }

    /// Where a store is, and which one it inherits from.
    package struct Place: Hashable, Sendable {
        package var directory: String
        package var mainDirectory: String
        package var legacyOAuthPath: String

        package init(directory: String, mainDirectory: String, legacyOAuthPath: String) {
            self.directory = directory
            self.mainDirectory = mainDirectory
            self.legacyOAuthPath = legacyOAuthPath
        }
    }

    /// Applies `change` to the store of `place`.
    func edit<Value: Sendable>(
        _ place: Place,
        _ change: @escaping @Sendable (CredentialStoreWriter) throws -> CredentialStoreWriter.Outcome<Value>
    ) async throws -> Value {
        let main = CredentialStoreFiles(
            StoreID(place.mainDirectory), legacyOAuthPath: place.legacyOAuthPath, sharedDatabasePath: nil)
        let isMain = place.directory == place.mainDirectory
        let files = isMain ? main : CredentialStoreFiles(StoreID(place.directory))
        let writer = CredentialStoreWriter(
            files, main: isMain ? nil : main, isReadOnly: isReadOnly,
            loader: CredentialStoreLoader(databases: CredentialReaders.databases), now: now)
        return try await pool.run("change a credential store", deadline: .after(Self.deadline)) {
            try change(writer).value
        }
    }

    /// Signs out of `provider` in the store of `agent` and in every store that it inherits a login from.
    ///
    /// - Parameter profiles: Only these, or all of the provider's when empty.
    /// - Returns: What was removed, in order.
    func remove(
        provider: ProviderID, profiles: [ProfileID], agent: AgentID, in state: LoadedState
    ) async throws -> [ProfileID] {
        let table = ProviderTable.builtIn
        let auth = table.authProvider(of: provider)
        let providers = Set([provider, auth] + table.authAliases.filter { $0.value == auth }.keys)
        let own = state.context.agents.first { $0.id == agent }?.store ?? state.context.mainStore
        var removed: Set<ProfileID> = []
        // The main store first: what is removed there may have left traces in the agent's own.
        for store in own == state.context.mainStore ? [own] : [state.context.mainStore, own] {
            let traces = removed
            let place = Place(
                directory: store.directory, mainDirectory: state.context.mainStore.directory,
                legacyOAuthPath: state.layout.legacyOAuth)
            removed.formUnion(
                try await edit(place) { writer in
                    profiles.isEmpty
                        ? try writer.removeProfiles(ids: traces, providers: providers)
                        : try writer.removeProfiles(ids: Set(profiles))
                })
        }
        return removed.sorted()
    }

    /// What to tell a person about a failed change.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as CredentialError: error.message
        case let error as SystemError: error.message
        default: "Try again."
        }
    }
}
