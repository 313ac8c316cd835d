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
        let sensitivity = sensitivity(ofName: key, in: parent.last?.key)
        // Last, since it is dear and names that sound like secrets are rare.
        if case .open = sensitivity { return .open }
        if parent.isEmpty, key == "secrets" || key == EnvironmentSettings.sectionKey { return .open }
        return isIdentifier(below: parent) ? .open : sensitivity
    }

    /// What a name alone says.
    static func sensitivity(ofName key: String, in parentKey: String?) -> Sensitivity {
        if containers.contains(key) { return .text }
        if key == "key", parentKey == "tls" { return .everything }
        if key == "value", parentKey == "auth" { return .everything }
        let name = key.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "_"): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
        let isToken = name.contains(token)
        guard isToken || certain.contains(where: name.contains), !harmless.contains(where: name.elementsEqual) else {
            return .open
        }
        return isToken && !name.ends(with: token) && !certain.contains(where: name.contains) ? .text : .everything
    }

    /// Whether the values of a map are secret if it is called `key`.
    static func isContainer(_ key: String) -> Bool { containers.contains(key) }

    /// Maps whose values are secret whatever their keys are called.
    private static let containers: Set<String> = ["headers", "env"]

    private static let token = Array("token".utf8)

    private static let certain = [
        "password", "passphrase", "secret", "apikey", "privatekey", "accesskey", "authorization", "cookie",
    ].map { Array($0.utf8) }

    private static let harmless = ["maxtokensfield", "redactsecrets"].map { Array($0.utf8) }

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

extension [UInt8] {
    /// Whether `part` occurs in these few bytes.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard count >= part.count else { return false }
        return (0...(count - part.count)).contains { start in
            part.indices.allSatisfy { self[start + $0] == part[$0] }
        }
    }

    fileprivate func ends(with part: [UInt8]) -> Bool { suffix(part.count).elementsEqual(part) }
}
