import AlulaAuth

/// The named profiles of both AWS files, and how each would get credentials.
struct AWSProfiles {
    /// Profiles that may take their credentials from one another in a row.
    private static let maximumChain = 16

    private var profiles: [String: [String: String]] = [:]
    private var sessions: Set<String> = []

    /// Values of the credentials file count before those of the configuration file.
    init(config: INIDocument?, credentials: INIDocument?) {
        var hasPrefixedDefault = false
        for section in config?.sections ?? [] {
            let words = section.name.split(separator: " ", maxSplits: 1).map(String.init)
            switch (words.first, words.count) {
            case ("profile", 2):
                if words[1] == "default", !hasPrefixedDefault {
                    hasPrefixedDefault = true
                    profiles["default"] = nil
                }
                merge(section.values, into: words[1])
            case ("default", 1):
                if !hasPrefixedDefault { merge(section.values, into: "default") }
            case ("sso-session", 2):
                sessions.insert(words[1])
            default:
                // Services and plugins are no profiles, and neither is a name without the word in front.
                continue
            }
        }
        for section in credentials?.sections ?? [] { merge(section.values, into: section.name) }
    }

    /// What each usable profile uses.
    var means: [String: AWSFilesFact.Means] {
        profiles.keys.reduce(into: [:]) { found, name in found[name] = means(of: name, asked: []) }
    }

    /// Profiles whose settings lead nowhere, for a warning.
    var unusable: [String] {
        let usable = means
        return profiles.filter { usable[$0.key] == nil && !$0.value.keys.allSatisfy(Self.isPlain) }.keys.sorted()
    }

    /// The order is that of the vendor's own chain.
    private func means(of name: String, asked: Set<String>) -> AWSFilesFact.Means? {
        guard let values = profiles[name] else { return nil }
        if has(values, "role_arn"), has(values, "web_identity_token_file") { return .webIdentity }
        if has(values, "role_arn"), let source = values["source_profile"], !source.isEmpty {
            if source == name { return hasStaticKeys(values) ? .assumedRole : nil }
            guard !asked.contains(source), asked.count < Self.maximumChain else { return nil }
            switch means(of: source, asked: asked.union([name])) {
            case nil: return nil
            case .staticKeys?, .assumedRole?, .webIdentity?: return .assumedRole
            // A role is worth no more than what it is taken with.
            case .singleSignOn?: return .singleSignOn
            case .process?: return .process
            }
        }
        if has(values, "role_arn"), has(values, "credential_source") { return .assumedRole }
        if let session = values["sso_session"], !session.isEmpty {
            return sessions.contains(session) ? .singleSignOn : nil
        }
        if has(values, "sso_start_url") { return .singleSignOn }
        if hasStaticKeys(values) { return .staticKeys }
        if has(values, "credential_process") { return .process }
        return nil
    }

    private mutating func merge(_ values: [String: String], into name: String) {
        profiles[name, default: [:]].merge(values) { _, new in new }
    }

    private func has(_ values: [String: String], _ key: String) -> Bool { values[key].map { !$0.isEmpty } ?? false }

    private func hasStaticKeys(_ values: [String: String]) -> Bool {
        has(values, "aws_access_key_id") && has(values, "aws_secret_access_key")
    }

    /// Whether a setting has nothing to do with credentials.
    private static func isPlain(_ key: String) -> Bool {
        ![
            "aws_access_key_id", "aws_secret_access_key", "credential_process", "credential_source", "role_arn",
            "source_profile", "sso_session", "sso_start_url", "web_identity_token_file",
        ].contains(key)
    }
}
