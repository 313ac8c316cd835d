package import AlulaPrimitives

/// Where everything is: the state directory and what lies in it, and the few places outside.
///
/// Ours come first, then the reference's names: `ALULA_…` before `OPENCLAW_…`.
package struct StateLayout: Hashable, Sendable {
    /// What was asked for on the command line.
    package struct Request: Hashable, Sendable {
        /// `--state-dir`.
        package var stateDirectory: String?
        /// `--profile`; `--dev` is the profile `dev`.
        package var profile: String?

        package init(stateDirectory: String? = nil, profile: String? = nil) {
            self.stateDirectory = stateDirectory
            self.profile = profile
        }
    }

    /// The home directory of whoever runs this.
    package let home: String
    /// The state directory, absolute.
    package let state: String
    /// The configuration file, absolute.
    package let configuration: String
    /// A named profile, or `nil`.
    package let profile: String?
    /// Where logins of the first era were kept.
    package let credentials: String
    /// `OPENCLAW_AGENT_DIR` or `PI_CODING_AGENT_DIR`: another agent directory, for single commands only.
    package let agentDirectoryOverride: String?
    /// `OPENCLAW_WORKSPACE_DIR`, when it is set.
    package let workspaceOverride: String?
    /// Further directories that the configuration may include from.
    package let includeRoots: [String]

    /// - Parameters:
    ///   - variables: The process's environment.
    ///   - currentDirectory: For relative paths.
    ///   - exists: Whether a directory is there. May block.
    package init(
        request: Request = Request(), variables: [String: String], currentDirectory: String,
        exists: (String) -> Bool
    ) {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { Self.meaningful(variables[$0]) }.first
        }
        let systemHome = value("HOME", "USERPROFILE") ?? "/"
        let home = Self.absolute(
            value("ALULA_HOME", "OPENCLAW_HOME") ?? systemHome, home: systemHome, in: currentDirectory)
        func absolute(_ path: String) -> String { Self.absolute(path, home: home, in: currentDirectory) }

        let named = [request.profile, value("ALULA_PROFILE", "OPENCLAW_PROFILE")].compactMap { $0?.trimmed() }.first
        // A name that could lead elsewhere is none.
        let profile = named.flatMap { $0.isEmpty || $0 == "default" || !Self.isName($0) ? nil : $0 }
        let explicit = request.stateDirectory ?? value("ALULA_STATE_DIR", "OPENCLAW_STATE_DIR")
        let state: String
        if let explicit, !explicit.trimmed().isEmpty {
            state = absolute(explicit)
        } else if let profile {
            state = "\(home)/.openclaw-\(profile)"
        } else {
            let legacy = "\(home)/.clawdbot"
            state = !exists("\(home)/.openclaw") && exists(legacy) ? legacy : "\(home)/.openclaw"
        }
        self.home = home
        self.state = state
        self.profile = profile
        if let explicit = value("ALULA_CONFIG_PATH", "OPENCLAW_CONFIG_PATH") {
            configuration = absolute(explicit)
        } else {
            let legacy = "\(state)/clawdbot.json"
            configuration = !exists("\(state)/openclaw.json") && exists(legacy) ? legacy : "\(state)/openclaw.json"
        }
        credentials = value("ALULA_OAUTH_DIR", "OPENCLAW_OAUTH_DIR").map(absolute) ?? "\(state)/credentials"
        agentDirectoryOverride = value("ALULA_AGENT_DIR", "OPENCLAW_AGENT_DIR", "PI_CODING_AGENT_DIR").map(absolute)
        workspaceOverride = value("ALULA_WORKSPACE_DIR", "OPENCLAW_WORKSPACE_DIR").map(absolute)
        includeRoots = (value("ALULA_INCLUDE_ROOTS", "OPENCLAW_INCLUDE_ROOTS") ?? "")
            .split(separator: ":").map { absolute(String($0)) }
    }

    // MARK: The reference's files

    /// `<state>/.env`.
    package var environmentFile: String { "\(state)/.env" }
    /// The file of first-era logins.
    package var legacyOAuth: String { "\(credentials)/oauth.json" }
    /// The database of the later eras that all agents share.
    package var sharedDatabase: String { "\(state)/state/openclaw.sqlite" }
    /// The paired devices.
    package var pairedDevices: String { "\(state)/devices/paired.json" }
    /// The devices that wait for approval.
    package var pendingDevices: String { "\(state)/devices/pending.json" }
    /// Everything that devices are read from.
    package var devicePaths: [String] {
        [pairedDevices, pendingDevices, sharedDatabase, "\(sharedDatabase)-wal"]
    }
    /// Who changed the configuration, a line for each change.
    package var configurationAudit: String { "\(state)/logs/config-audit.jsonl" }
    /// The directory of the store that every agent inherits from. A custom default agent does not move it.
    package var mainAgentDirectory: String { "\(state)/agents/\(AgentID.main)/agent" }

    /// An agent's directory: the configured one, else the standard place.
    package func agentDirectory(_ agent: AgentID, configured: String? = nil) -> String {
        if let configured, !configured.trimmed().isEmpty {
            return Self.absolute(configured, home: home, in: state)
        }
        return "\(state)/agents/\(agent)/agent"
    }

    /// The generated list of models in an agent's directory.
    package func generatedModels(_ agent: AgentID, configured: String? = nil) -> String {
        "\(agentDirectory(agent, configured: configured))/models.json"
    }

    /// An agent's working directory.
    ///
    /// - Parameters:
    ///   - own: The agent's own setting.
    ///   - common: `agents.defaults.workspace`.
    package func workspace(_ agent: AgentID, isDefault: Bool, own: String?, common: String?) -> String {
        func clean(_ path: String?) -> String? {
            guard let path, let kept = Self.meaningful(String(path.unicodeScalars.filter { $0.value != 0 })) else {
                return nil
            }
            return Self.absolute(kept, home: home, in: state)
        }
        if let own = clean(own) { return own }
        if isDefault {
            return clean(common) ?? workspaceOverride ?? profile.map { "\(home)/.openclaw/workspace-\($0)" }
                ?? "\(home)/.openclaw/workspace"
        }
        return clean(common).map { "\($0)/\(agent)" } ?? "\(state)/workspace-\(agent)"
    }

    /// The reference's lock around the refresh of one login, without its `.lock`.
    ///
    /// - Parameter digest: Hexadecimal SHA-256 of provider, a zero byte and profile.
    package func refreshLock(digest: String) -> String { "\(state)/locks/oauth-refresh/sha256-\(digest)" }

    // MARK: Our own files

    /// The folder of our own files. Deleting it loses nothing but the token and the API keys.
    package var own: String { "\(state)/alula" }
    package var lock: String { "\(own)/gateway.lock" }
    package var token: String { "\(own)/gateway-token" }
    /// Held by whoever writes the configuration.
    package var configurationLock: String { "\(own)/configuration.lock" }
    /// Held by whoever of ours writes the files of devices.
    package var devicesLock: String { "\(own)/devices.lock" }
    /// Which devices of the shared database were taken over or removed here.
    package var importedDevices: String { "\(own)/devices-imported.json" }
    /// The digests of API keys, and what each may do.
    package var apiKeys: String { "\(own)/api-keys.json" }
    /// Held by whoever changes the API keys.
    package var apiKeysLock: String { "\(own)/api-keys.lock" }
    /// Where the running gateway listens, and its process id.
    package var address: String { "\(own)/gateway-address" }
    package var snapshot: String { "\(own)/prepared-auth.json" }
    /// What requests to models took and cost.
    package var usage: String { "\(own)/usage.sqlite" }
    /// Where renewals of OAuth logins leave word for each other.
    package var renewals: String { "\(own)/renewals" }

    // MARK: Paths

    /// Whether a profile's name can be a part of a directory's name.
    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// A variable's value, unless it is blank or one of the words that scripts leave by mistake.
    private static func meaningful(_ text: String?) -> String? {
        guard let text = text?.trimmed(), !text.isEmpty, text != "undefined", text != "null" else { return nil }
        return text
    }

    /// `path` with `~` replaced, made absolute, without empty, `.` and `..` parts. It need not exist.
    package static func absolute(_ path: String, home: String, in directory: String) -> String {
        var path = path.trimmed()
        if path == "~" { path = home } else if path.hasPrefix("~/") { path = home + path.dropFirst() }
        if !path.hasPrefix("/") { path = directory + "/" + path }
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
