import AlulaAuth
package import AlulaCredentials
import AlulaGateway
package import AlulaPrimitives
package import AlulaState
package import AlulaSystem

/// Changes the stores on disk like the gateway does, and says failures in the command line's words.
package struct StoreCredentialEditor: CredentialEditing {
    private let editor: StoreEditor
    private let now: @Sendable () -> Timestamp

    /// - Parameter variables: The process's environment, which may forbid every write.
    package init(
        layout: StateLayout, pool: BlockingPool, variables: [String: String],
        now: @escaping @Sendable () -> Timestamp
    ) {
        editor = StoreEditor(
            layout: layout, pool: pool, isReadOnly: CredentialStoreWriter.isReadOnly { variables[$0] }, now: now)
        self.now = now
    }

    package func storeAPIKey(
        _ key: Secret, as profile: ProfileID, provider: ProviderID, in store: CredentialPlace
    ) async throws -> String {
        try await edit(store) { writer in try writer.storeAPIKey(key, as: profile, provider: provider) }
        return editor.files(of: store.storeID).profilesPath
    }

    package func storeToken(
        _ token: Secret, as profile: ProfileID, provider: ProviderID, expiry: Timestamp?, in store: CredentialPlace
    ) async throws -> String {
        let stored = StoredProfile(
            provider: provider, kind: .token, inline: token.normalised, expiry: expiry.map { .at($0) } ?? .unstated)
        try await edit(store) { writer in
            try writer.update(.requested) { (document) throws(CredentialError) in
                try document.store(stored, as: profile)
            }
        }
        return editor.files(of: store.storeID).profilesPath
    }

    package func storeLogin(
        _ login: IssuedLogin, as chosen: ProfileID?, in store: CredentialPlace
    ) async throws -> (profile: ProfileID, path: String) {
        let profile = try await edit(store) { writer in try writer.storeLogin(login, as: chosen) }
        return (profile, editor.files(of: store.storeID).profilesPath)
    }

    package func assertUsable(_ store: CredentialPlace) async throws {
        try await edit(store) { writer in try writer.assertUsable() }
    }

    package func signOut(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID] {
        try await translating { try await editor.signOut(of: provider, from: store.storeID) }
    }

    package func order(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID]? {
        try await document(of: store)?.order[provider]
    }

    package func setOrder(_ profiles: [ProfileID], of provider: ProviderID, in store: CredentialPlace) async throws {
        try await edit(store) { writer in try writer.setOrder(profiles, for: provider) }
    }

    package func clearOrder(of provider: ProviderID, in store: CredentialPlace) async throws {
        guard try await document(of: store) != nil else { return }
        try await edit(store) { writer in try writer.clearOrder(for: provider) }
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
            }
        }
    }

    // MARK: Stores

    @discardableResult
    private func edit<Value: Sendable>(
        _ store: CredentialPlace,
        _ change: @escaping @Sendable (CredentialStoreWriter) throws -> CredentialStoreWriter.Outcome<Value>
    ) async throws -> Value {
        try await translating { try await editor.edit(store.storeID, change) }
    }

    private func document(of store: CredentialPlace) async throws -> CredentialStoreDocument? {
        switch try await translating({ try await editor.read(store.storeID) }) {
        case .absent: nil
        case .found(let loaded): loaded.document
        case .failed(let problem):
            throw CommandError(.storeUnavailable, "\(problem.message) \(problem.remedy)")
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

extension CredentialPlace {
    /// The store that is meant.
    fileprivate var storeID: StoreID { StoreID(directory) }
}
