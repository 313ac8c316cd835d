import AlulaAuth
package import AlulaCredentials
package import AlulaPrimitives
package import AlulaState
package import AlulaSystem

/// Changes the stores on disk, each time under the store's lock, on the blocking pool.
package struct StoreCredentialEditor: CredentialEditing {
    /// How long a change may take, waiting for the lock included.
    private static let patience = Duration.seconds(25)

    private let layout: StateLayout
    private let pool: BlockingPool
    private let isReadOnly: Bool
    private let loader: CredentialStoreLoader
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - variables: The process's environment, which may forbid every write.
    ///   - databases: Reads the databases of later versions, whose logins are taken over with the first write.
    package init(
        layout: StateLayout, pool: BlockingPool, variables: [String: String], databases: StoreDatabaseReader? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.layout = layout
        self.pool = pool
        isReadOnly = CredentialStoreWriter.isReadOnly { variables[$0] }
        loader = CredentialStoreLoader(databases: databases)
        self.now = now
    }

    package func storeAPIKey(
        _ key: Secret, as profile: ProfileID, provider: ProviderID, in store: CredentialPlace
    ) async throws -> String {
        try await edit(store) { writer in _ = try writer.storeAPIKey(key, as: profile, provider: provider) }
        return files(of: store).profilesPath
    }

    package func storeToken(
        _ token: Secret, as profile: ProfileID, provider: ProviderID, expiry: Timestamp?, in store: CredentialPlace
    ) async throws -> String {
        let stored = StoredProfile(
            provider: provider, kind: .token, inline: token.normalised, expiry: expiry.map { .at($0) } ?? .unstated)
        try await edit(store) { writer in
            _ = try writer.update(.requested) { (document) throws(CredentialError) in
                try document.store(stored, as: profile)
            }
        }
        return files(of: store).profilesPath
    }

    package func removeProfiles(
        of providers: Set<ProviderID>, in store: CredentialPlace
    ) async throws -> [ProfileID] {
        // A store that is not there must not come into being by a logout.
        guard try await document(of: store) != nil else { return [] }
        return try await edit(store) { writer in try writer.removeProfiles(providers: providers).value }
    }

    package func order(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID]? {
        try await document(of: store)?.order[provider]
    }

    package func setOrder(_ profiles: [ProfileID], of provider: ProviderID, in store: CredentialPlace) async throws {
        try await edit(store) { writer in _ = try writer.setOrder(profiles, for: provider) }
    }

    package func clearOrder(of provider: ProviderID, in store: CredentialPlace) async throws {
        guard try await document(of: store) != nil else { return }
        try await edit(store) { writer in _ = try writer.clearOrder(for: provider) }
    }

    package func clearCooldowns(
        in store: CredentialPlace, where matches: @escaping @Sendable (ProfileID, ProviderID?) -> Bool
    ) async throws -> [ProfileID] {
        guard try await document(of: store) != nil else { return [] }
        let instant = now()
        return try await edit(store) { writer in
            try writer.update(.requested) { (document) throws(CredentialError) in
                var cleared: [ProfileID] = []
                for (id, usage) in document.usage where matches(id, document.profiles[id]?.provider) {
                    guard usage.unusableUntil().map({ $0 > instant }) ?? false || usage.errorCount > 0 else { continue }
                    document.clearCooldown(of: id)
                    cleared.append(id)
                }
                return cleared.sorted()
            }.value
        }
    }

    // MARK: Stores

    private func files(of store: CredentialPlace) -> CredentialStoreFiles {
        store.isMain ? mainFiles : CredentialStoreFiles(StoreID(store.directory))
    }

    private var mainFiles: CredentialStoreFiles {
        CredentialStoreFiles(
            StoreID(layout.mainAgentDirectory), legacyOAuthPath: layout.legacyOAuth,
            sharedDatabasePath: layout.sharedDatabase)
    }

    private func edit<Value: Sendable>(
        _ store: CredentialPlace, _ change: @escaping @Sendable (CredentialStoreWriter) throws -> Value
    ) async throws -> Value {
        let writer = CredentialStoreWriter(
            files(of: store), main: store.isMain ? nil : mainFiles, isReadOnly: isReadOnly, loader: loader,
            now: now)
        return try await translating {
            try await pool.run("change a credential store", deadline: .after(Self.patience)) { try change(writer) }
        }
    }

    private func document(of store: CredentialPlace) async throws -> CredentialStoreDocument? {
        let (files, loader) = (files(of: store), loader)
        return try await translating {
            let outcome = try await pool.run("read a credential store", deadline: .after(Self.patience)) {
                loader.load(files)
            }
            switch outcome {
            case .absent: return nil
            case .found(let loaded): return loaded.document
            case .failed(let problem):
                throw CommandError(.storeUnavailable, "\(problem.message) \(problem.remedy)")
            }
        }
    }

    /// Says every failure in the command line's words.
    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as CredentialError {
            throw CommandError(
                error.code == .invalidProfile ? .usage : .storeUnavailable, error.message, underlying: error)
        } catch let error as SystemError {
            throw CommandError(.storeUnavailable, error.message, underlying: error)
        }
    }
}
