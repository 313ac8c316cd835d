import AlulaAuth
import AlulaConfiguration
import AlulaPrimitives

/// Says where every source of facts is, from the configuration and the few variables that name paths.
struct GatherPlanner {
    let context: AuthContext
    let secrets: SecretsSettings
    /// Variables that hold no secret, such as `CODEX_HOME`.
    let variables: [String: String]
    let home: String
    /// Where logins of the first era were kept.
    let legacyOAuthPath: String
    /// The database of the later eras that all agents share.
    let sharedDatabasePath: String

    /// What serves everybody comes first: a disk that hangs below hundreds of stores takes all of a reader's threads, and
    /// what lies elsewhere has to have been read by then.
    ///
    /// - Parameter references: Every pointer to a secret that the configuration and the stores hold.
    func items(references: Set<SecretReference>) -> [GatherPlan.Item] {
        logins + [googleCredentials, awsFiles] + secretFiles(references) + stores
    }

    private var stores: [GatherPlan.Item] {
        var seen: Set<StoreID> = []
        return ([context.mainStore] + context.agents.map(\.store)).filter { seen.insert($0).inserted }.map { store in
            let isMain = store == context.mainStore
            return .store(
                store, legacyOAuthPath: isMain ? legacyOAuthPath : nil,
                sharedDatabasePath: isMain ? sharedDatabasePath : nil)
        }
    }

    private var logins: [GatherPlan.Item] {
        LoginTool.allCases.map { tool in
            let path =
                switch tool {
                case .codex: "\(expanded(variables["CODEX_HOME"]) ?? "\(home)/.codex")/auth.json"
                case .claudeCode: "\(home)/.claude/.credentials.json"
                case .minimax: "\(home)/.minimax/oauth_creds.json"
                case .geminiCLI: "\(home)/.gemini/oauth_creds.json"
                case .githubCLI: "\(githubDirectory)/hosts.yml"
                }
            return .login(tool, path: path)
        }
    }

    private var githubDirectory: String {
        if let explicit = expanded(variables["GH_CONFIG_DIR"]) { return explicit }
        return "\(expanded(variables["XDG_CONFIG_HOME"]) ?? "\(home)/.config")/gh"
    }

    /// An explicit path is the only one that counts.
    private var googleCredentials: GatherPlan.Item {
        if let explicit = expanded(variables["GOOGLE_APPLICATION_CREDENTIALS"]) {
            return .googleCredentials(paths: [explicit])
        }
        let file = "gcloud/application_default_credentials.json"
        var paths = ["\(home)/.config/\(file)"]
        if let roaming = expanded(variables["APPDATA"]) { paths.append("\(roaming)/\(file)") }
        return .googleCredentials(paths: paths)
    }

    private var awsFiles: GatherPlan.Item {
        .awsFiles(
            configPath: expanded(variables["AWS_CONFIG_FILE"]) ?? "\(home)/.aws/config",
            credentialsPath: expanded(variables["AWS_SHARED_CREDENTIALS_FILE"]) ?? "\(home)/.aws/credentials",
            webIdentityTokenPath: expanded(variables["AWS_WEB_IDENTITY_TOKEN_FILE"]))
    }

    private func secretFiles(_ references: Set<SecretReference>) -> [GatherPlan.Item] {
        secrets.providers.sorted { $0.key < $1.key }.compactMap { alias, settings in
            guard case .file(let file) = settings else { return nil }
            let ids = references.filter { $0.source == .file && $0.provider == alias }.map(\.id).sorted()
            return .secretFile(
                alias: alias, path: expanded(file.path) ?? file.path, isSingleValue: file.mode == .singleValue,
                maximumBytes: file.maximumSize.bytes, ids: ids)
        }
    }

    /// `path` with a leading `~` replaced, or `nil` for none.
    private func expanded(_ path: String?) -> String? {
        guard let path = path?.trimmed(), !path.isEmpty else { return nil }
        if path == "~" { return home }
        return path.hasPrefix("~/") ? home + path.dropFirst() : path
    }
}

/// Finds the pointers to secrets that somebody would follow.
enum ReferenceCollector {
    static func references(in context: AuthContext, facts: AuthFacts?) -> Set<SecretReference> {
        var found: Set<SecretReference> = []
        for entry in context.providers.values {
            if case .reference(let reference) = entry.key { found.insert(reference) }
        }
        for reading in facts?.stores.values ?? [:].values {
            for profile in reading.fact?.profiles.values ?? [:].values {
                if let reference = profile.reference { found.insert(reference) }
            }
        }
        return found
    }
}
