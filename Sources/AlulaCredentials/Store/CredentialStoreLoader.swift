package import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem

/// Reads a store from wherever it is: its two files, what older versions left, or a later version's database.
/// Reading changes nothing; what is found is migrated by a writer only.
package struct CredentialStoreLoader: Sendable {
    /// A store and the version of what it was read from.
    package struct Loaded: Sendable {
        package var document: CredentialStoreDocument
        package var version: FactVersion
    }

    private static let remedy = "Restore the file from a copy, or move it away and sign in again."

    private let databases: StoreDatabaseReader?

    /// Makes a loader.
    ///
    /// - Parameter databases: Reads the databases of later versions; without it they are reported and not read.
    package init(databases: StoreDatabaseReader? = nil) { self.databases = databases }

    /// Reads the store at `files`. Blocks the calling thread.
    package func load(_ files: CredentialStoreFiles) -> SourceOutcome<Loaded> { load(files, ignoring: []) }

    /// Reads the store at `files`. Blocks the calling thread.
    ///
    /// - Parameter ignored: Paths to take for missing.
    func load(_ files: CredentialStoreFiles, ignoring ignored: Set<String>) -> SourceOutcome<Loaded> {
        var parts = StoreParts(ignored: ignored)
        let profiles: JSONValue?
        switch parts.read(files.profilesPath, what: "The credential store", remedy: Self.remedy) {
        case .absent: profiles = nil
        case .found(let value): profiles = value
        case .failed(let problem): return .failed(problem)
        }
        let state = stateMembers(files, parts: &parts)

        if let profiles, CredentialStoreDocument.isStore(profiles) {
            return found(
                CredentialStoreDocument(
                    profiles: profiles.object ?? JSONObject(), state: state, origin: .profiles, path: files.profilesPath
                ),
                parts)
        }
        if let profiles, profiles.object?.keys.contains(where: { $0 != "version" }) ?? true {
            parts.problems.append(
                SourceProblem(
                    .wrongShape, "The file is no credential store: it has no object called \"profiles\".",
                    path: files.profilesPath, remedy: "Store the key again with: alula models auth"))
        }
        let legacyMap = parts.optional(files.legacyMapPath, what: "The older credential store", remedy: Self.remedy)
        let legacyOAuth = files.legacyOAuthPath.flatMap {
            parts.optional($0, what: "The older file of OAuth logins", remedy: Self.remedy)
        }
        if let document = CredentialStoreDocument(
            legacyMap: legacyMap, at: files.legacyMapPath, legacyOAuth: legacyOAuth, at: files.legacyOAuthPath ?? "",
            state: state)
        {
            return found(document, parts)
        }
        if profiles == nil {
            switch loadDatabases(files, state: state, parts: &parts) {
            case .absent: break
            case .found(let document): return found(document, parts)
            case .failed(let problem): return .failed(problem)
            }
        }
        guard parts.hasFound || !parts.problems.isEmpty else { return .absent }
        // A store that can't be read must not pass for one that says nothing.
        if let problem = parts.problems.first(where: { $0.code != .wrongShape && $0.path != files.statePath }) {
            return .failed(problem)
        }
        return found(
            CredentialStoreDocument(profiles: JSONObject(), state: state, origin: .empty, path: files.profilesPath),
            parts)
    }

    private func found(_ document: CredentialStoreDocument, _ parts: StoreParts) -> SourceOutcome<Loaded> {
        var document = document
        document.problems = parts.problems + document.problems
        return .found(Loaded(document: document, version: parts.version))
    }

    /// A damaged state file costs orders and windows, and no login.
    private func stateMembers(_ files: CredentialStoreFiles, parts: inout StoreParts) -> JSONObject {
        let value = parts.optional(
            files.statePath, what: "The file of orders and cooldowns", remedy: "Move the file away; it is made anew.")
        guard let value else { return JSONObject() }
        guard let members = value.object else {
            parts.problems.append(
                SourceProblem(
                    .wrongShape, "The file of orders and cooldowns is not an object.", path: files.statePath,
                    remedy: "Move the file away; it is made anew."))
            return JSONObject()
        }
        return members
    }

    /// An agent's own database lies above the shared one.
    private func loadDatabases(
        _ files: CredentialStoreFiles, state: JSONObject, parts: inout StoreParts
    ) -> SourceOutcome<CredentialStoreDocument> {
        var profiles = JSONObject()
        var stateMembers = JSONObject()
        var path: String?
        let shared = files.sharedDatabasePath.map { StoreDatabase.shared(path: $0) }
        for database in [shared, .agent(path: files.databasePath)].compactMap({ $0 }) {
            switch read(database) {
            case .absent:
                continue
            case .failed(let problem):
                return .failed(problem)
            case .found(let documents):
                let read = parts.take(documents, path: database.path, remedy: Self.remedy)
                guard let read else { continue }
                profiles.overlay(read.profiles)
                stateMembers.overlay(read.state)
                path = database.path
            }
        }
        guard let path else { return .absent }
        stateMembers.overlay(state)
        return .found(
            CredentialStoreDocument(profiles: profiles, state: stateMembers, origin: .database, path: path))
    }

    private func read(_ database: StoreDatabase) -> SourceOutcome<StoreDatabaseDocuments> {
        do throws(SystemError) {
            guard try FileIdentity.ofExisting(database.path) != nil else { return .absent }
        } catch {
            return .failed(SourceProblem(error, path: database.path))
        }
        if let databases { return databases(database) }
        // The shared database holds much else, so its being there says nothing about logins.
        if case .shared = database { return .absent }
        return .failed(
            SourceProblem(
                .unsupported, "The credentials are in a database, which this build can't read.", path: database.path,
                remedy: "Store the key again with: alula models auth"))
    }
}

extension JSONObject {
    /// Lays another store's members above these: single profiles, orders and records replace their namesakes.
    fileprivate mutating func overlay(_ other: JSONObject) {
        for (key, value) in other {
            guard var mine = self[key]?.object, let theirs = value.object else {
                self[key] = value
                continue
            }
            for (name, entry) in theirs { mine[name] = entry }
            self[key] = .object(mine)
        }
    }
}
