import AlulaAuth
import AlulaModels
package import AlulaPrimitives
package import AlulaSystem

/// Reads the secret of one stored profile for a call that is about to be made. What a call uses is no older than
/// ``RecentFinds/freshness``: the first one after that looks at the file, and reads it unless it is the very one that was read
/// last.
package struct ProfileSecretReader: Sendable {
    private let pool: BlockingPool
    private let loader: CredentialStoreLoader
    private let memory: StoreMemory
    private let recent: RecentFinds

    /// - Parameters:
    ///   - now: The clock that files get their times from.
    ///   - instant: The clock that the age of what was found is measured by.
    package init(
        pool: BlockingPool, databases: StoreDatabaseReader? = nil,
        now: @escaping @Sendable () -> Timestamp = { WallClock.now() },
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.pool = pool
        loader = CredentialStoreLoader(databases: databases)
        memory = StoreMemory(now: now)
        recent = RecentFinds(now: instant)
    }

    /// What a profile holds.
    package enum Content: Sendable {
        case secret(Secret)
        /// The secret is elsewhere.
        case reference(SecretReference)
        /// The secret is the value of a variable.
        case variable(String)
        /// An OAuth login, which may have to be renewed first.
        case login
        /// A server nearby, which wants no secret.
        case unneeded
    }

    /// Reads `profile` from the first of `stores` that has it.
    ///
    /// - Returns: `nil` when no store has a key or token under that name that can be used as it is.
    /// - Throws: ``CredentialError/Code/storeUnreadable``, `SystemError` when the disk does not answer in time,
    ///   `CancellationError`.
    package func content(
        of profile: ProfileID, in stores: [CredentialStoreFiles], until deadline: Deadline
    ) async throws -> Content? {
        let question = RecentFinds.Question(profile: profile, stores: stores)
        if let content = recent[question] { return content }
        let asked = recent.now()
        let content = try await look(for: profile, in: stores, until: deadline)
        recent.note(content, to: question, askedAt: asked)
        return content
    }

    /// Looks at the disk.
    private func look(
        for profile: ProfileID, in stores: [CredentialStoreFiles], until deadline: Deadline
    ) async throws -> Content? {
        let (loader, memory) = (loader, memory)
        return try await pool.run("read a credential", deadline: deadline) {
            var problem: SourceProblem?
            for files in stores {
                switch memory.profiles(of: files, loadedBy: loader.load) {
                case .absent: continue
                case .failed(let found): problem = problem ?? found
                case .found(let profiles):
                    if let stored = profiles[profile] { return Self.content(of: stored) }
                }
            }
            if problem != nil {
                throw CredentialError(.storeUnreadable, "The credential store can't be read; alula doctor says why.")
            }
            return nil
        }
    }

    private static func content(of stored: StoredProfile) -> Content? {
        guard !stored.hasForbiddenReference else { return nil }
        if stored.kind == .oauth { return .login }
        guard let inline = stored.inline?.normalised, !inline.isBlank else {
            return stored.reference.map { .reference($0) }
        }
        return content(ofText: inline)
    }

    /// What a text says that stands where a key would be.
    package static func content(ofText text: Secret) -> Content? {
        switch MarkerTable.kind(of: text.exposed) {
        case nil: .secret(text)
        case .environmentVariable(let name), .environmentReference(let name): .variable(name)
        case .localServer: .unneeded
        case .managedReference, .oauth, .googleCredentials, .aws, .codexServer: nil
        }
    }
}
