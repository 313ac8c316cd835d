import AlulaJSON

/// Knows where in a configuration secrets stand, by the names on the way there.
///
/// It errs on the safe side: a field that only sounds like a secret is hidden too.
enum SecretPlaces {
    /// How much of a value at some place must not be shown.
    enum Sensitivity {
        case open
        /// Texts are secret; numbers and truth values are not.
        case text
        /// Everything but truth values is secret, numbers too.
        case everything
    }

    /// Whether a text at `path` counts as a secret.
    static func holdsSecret(_ path: [ConfigurationPath.Component]) -> Bool {
        var sensitivity = Sensitivity.open
        for index in path.indices {
            guard case .open = sensitivity else { return true }
            sensitivity = self.sensitivity(of: path[index].key, below: path[..<index])
        }
        // `env` and `headers` hide what is in them, and are no secrets when they are texts themselves.
        guard let last = path.last?.key, isContainer(last), path.count > 2 else {
            if case .open = sensitivity { return false }
            return true
        }
        return false
    }

    /// Sensitivity that begins with `key`, one step below `parent`.
    static func sensitivity(
        of key: String, below parent: ArraySlice<ConfigurationPath.Component>
    ) -> Sensitivity {
        if let root = parent.first?.key, root == EnvironmentSettings.sectionKey, parent.count == 1 {
            return key == "shellEnv" ? .open : .text
        }
        guard !isIdentifier(below: parent), !(parent.isEmpty && (key == "secrets" || key == "env")) else {
            return .open
        }
        if containers.contains(key) { return .text }
        let parentKey = parent.last?.key
        if key == "key", parentKey == "tls" { return .everything }
        if key == "value", parentKey == "auth" { return .everything }
        let name = key.lowercased().filter { $0 != "-" && $0 != "_" }
        if harmless.contains(name) { return .open }
        if name.hasSuffix("token") || certain.contains(where: name.contains) { return .everything }
        return name.contains("token") ? .text : .open
    }

    /// Whether the values of a map are secret if it is called `key`.
    static func isContainer(_ key: String) -> Bool { containers.contains(key) }

    /// Maps whose values are secret whatever their keys are called.
    private static let containers: Set<String> = ["headers", "env"]

    private static let certain = [
        "password", "passphrase", "secret", "apikey", "privatekey", "accesskey", "authorization", "cookie",
    ]

    private static let harmless: Set<String> = ["maxtokensfield", "redactsecrets"]

    /// Whether keys below `parent` are names that a person chose, which say nothing about what they hold.
    private static func isIdentifier(below parent: ArraySlice<ConfigurationPath.Component>) -> Bool {
        identifierMaps.contains { pattern in
            pattern.count == parent.count && zip(pattern, parent).allSatisfy { $0 == "*" || $0 == $1.key }
        }
    }

    private static let identifierMaps: [[String]] = [
        ["agents", "defaults", "models"], ["agents", "entries"], ["agents", "entries", "*", "models"],
        ["agents", "list", "*", "models"], ["auth", "cooldowns", "billingBackoffHoursByProvider"], ["auth", "order"],
        ["auth", "profiles"], ["channels"], ["channels", "*", "accounts"], ["mcp", "servers"], ["models", "providers"],
        ["plugins", "entries"], ["secrets", "providers"], ["skills", "entries"],
    ]
}
