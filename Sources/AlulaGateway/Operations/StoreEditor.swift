import AlulaAuth
package import AlulaCredentials
import AlulaModels
package import AlulaPrimitives
package import AlulaState
package import AlulaSystem

/// Changes credential stores on the blocking pool: one locked, durable write for each call.
///
/// The running gateway and the command line without one use the same editor, so both do the same.
package struct StoreEditor: Sendable {
    /// How long a change may take, waiting for the lock included.
    private static let patience = Duration.seconds(25)

    private let layout: StateLayout
    private let pool: BlockingPool
    private let isReadOnly: Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameter isReadOnly: ``CredentialStoreWriter/isReadOnly(variables:)``.
    package init(layout: StateLayout, pool: BlockingPool, isReadOnly: Bool, now: @escaping @Sendable () -> Timestamp) {
        self.layout = layout
        self.pool = pool
        self.isReadOnly = isReadOnly
        self.now = now
    }

    /// The store that all agents inherit from.
    package var mainStore: StoreID { StoreID(layout.mainAgentDirectory) }

    /// The files of `store`.
    package func files(of store: StoreID) -> CredentialStoreFiles {
        guard store == mainStore else { return CredentialStoreFiles(store) }
        return CredentialStoreFiles(
            store, legacyOAuthPath: layout.legacyOAuth, sharedDatabasePath: layout.sharedDatabase)
    }

    /// Applies `change` to `store`.
    ///
    /// - Parameter patience: How long it may take, or `nil` for what a person's command may.
    /// - Throws: What `change` throws, `SystemError` or `CancellationError`.
    package func edit<Value: Sendable>(
        _ store: StoreID, patience: Duration? = nil,
        _ change: @escaping @Sendable (CredentialStoreWriter) throws -> CredentialStoreWriter.Outcome<Value>
    ) async throws -> Value {
        let writer = CredentialStoreWriter(
            files(of: store), main: store == mainStore ? nil : files(of: mainStore), isReadOnly: isReadOnly,
            loader: loader, now: now)
        return try await pool.run("change a credential store", deadline: .after(patience ?? Self.patience)) {
            try change(writer).value
        }
    }

    /// What `store` says now; `nil` when there is none.
    ///
    /// - Throws: `SystemError` or `CancellationError`.
    package func read(_ store: StoreID) async throws -> SourceOutcome<CredentialStoreLoader.Loaded> {
        let (files, loader) = (files(of: store), loader)
        return try await pool.run("read a credential store", deadline: .after(Self.patience)) { loader.load(files) }
    }

    /// Signs out of `provider` in `store` and in the store that it inherits logins from.
    ///
    /// Providers that share a login lose it together, with their orders and whatever is recorded about it. A store that
    /// isn't there does not come into being.
    ///
    /// - Parameter profiles: Only these, or all of the provider's when empty.
    /// - Returns: What was removed, in order.
    package func signOut(
        of provider: ProviderID, profiles: [ProfileID] = [], from store: StoreID
    ) async throws -> [ProfileID] {
        let table = ProviderTable.builtIn
        let owner = table.authProvider(of: provider)
        let providers = Set([provider, owner] + table.authAliases.filter { $0.value == owner }.keys)
        var removed: Set<ProfileID> = []
        // The main store first: what is removed there may have left traces in the agent's own.
        for place in store == mainStore ? [store] : [mainStore, store] {
            let traces = removed
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
    package static func reason(_ error: any Error) -> String {
        switch error {
        case let error as CredentialError: error.message
        case let error as SystemError: error.message
        default: "Try again."
        }
    }

    private var loader: CredentialStoreLoader { CredentialStoreLoader(databases: CredentialReaders.databases) }
}
