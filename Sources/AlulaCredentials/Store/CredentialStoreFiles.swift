import AlulaAuth
package import AlulaPrimitives

/// Where the parts of one store are.
package struct CredentialStoreFiles: Hashable, Sendable {
    /// The store, which is the directory.
    package let store: StoreID
    /// The legacy OAuth file, which belongs to the main store only.
    package let legacyOAuthPath: String?
    /// The database that later versions share between agents; for the main store only.
    package let sharedDatabasePath: String?

    package init(_ store: StoreID, legacyOAuthPath: String? = nil, sharedDatabasePath: String? = nil) {
        self.store = store
        self.legacyOAuthPath = legacyOAuthPath
        self.sharedDatabasePath = sharedDatabasePath
    }

    /// The credentials.
    package var profilesPath: String { path(StoreFact.Origin.profiles.rawValue) }
    /// Orders, windows and counters.
    package var statePath: String { path("auth-state.json") }
    /// The credentials of the first versions.
    package var legacyMapPath: String { path(StoreFact.Origin.legacyMap.rawValue) }
    /// The agent's own database of later versions.
    package var databasePath: String { path(StoreFact.Origin.database.rawValue) }

    private func path(_ name: String) -> String {
        store.directory.hasSuffix("/") ? store.directory + name : "\(store.directory)/\(name)"
    }
}

/// The JSON documents of a store that a database holds.
package struct StoreDatabaseDocuments: Sendable {
    /// What `auth-profiles.json` would hold.
    package var profiles: [UInt8]?
    /// What `auth-state.json` would hold.
    package var state: [UInt8]?

    package init(profiles: [UInt8]? = nil, state: [UInt8]? = nil) {
        self.profiles = profiles
        self.state = state
    }
}

/// Which database is asked for a store.
package enum StoreDatabase: Hashable, Sendable {
    /// One agent's own.
    case agent(path: String)
    /// The one that all agents share.
    case shared(path: String)

    /// The database file.
    package var path: String {
        switch self {
        case .agent(let path), .shared(let path): path
        }
    }
}

/// Reads a store's documents from a database, without ever writing to it. Blocks the calling thread.
package typealias StoreDatabaseReader = @Sendable (StoreDatabase) -> SourceOutcome<StoreDatabaseDocuments>
