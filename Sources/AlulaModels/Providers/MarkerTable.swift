package import AlulaPrimitives

/// Texts that may stand where a key would be and only say where it is, or that none is needed.
package enum MarkerTable {
    /// What a marker says. The distinction decides which source is asked next.
    package enum Kind: Hashable, Sendable {
        /// The key is held by the running gateway and was kept out of a generated file.
        case managedReference
        /// The value of a variable, spelled `secretref-env:NAME`.
        case environmentReference(name: String)
        /// A variable's own name, as generated files have it.
        case environmentVariable(name: String)
        /// A server nearby that needs no key.
        case localServer
        /// A stored OAuth login. The provider is `nil` for the marker that belongs to one product.
        case oauth(ProviderID?)
        /// Google's application-default credentials.
        case googleCredentials
        /// The AWS chain, by the variable that started it.
        case aws(name: String)
        /// A login that the Codex program keeps for itself.
        case codexServer
    }

    private static let oauthPrefix = "oauth:"
    private static let environmentPrefix = "secretref-env:"

    private static let words: [String: Kind] = [
        "AWS_ACCESS_KEY_ID": .aws(name: "AWS_ACCESS_KEY_ID"),
        "AWS_BEARER_TOKEN_BEDROCK": .aws(name: "AWS_BEARER_TOKEN_BEDROCK"),
        "AWS_PROFILE": .aws(name: "AWS_PROFILE"),
        "codex-app-server": .codexServer,
        "custom-local": .localServer,
        "gcp-vertex-credentials": .googleCredentials,
        "lmstudio-local": .localServer,
        "minimax-oauth": .oauth(nil),
        "ollama-local": .localServer,
        "secretref-managed": .managedReference,
    ]

    /// Variables that older generated files name, whether or not a provider takes them now.
    private static let legacyVariables: Set<String> = [
        "AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "DEEPSEEK_API_KEY", "FIREWORKS_API_KEY", "GOOGLE_API_KEY",
        "MINIMAX_CODE_PLAN_KEY", "NOVITA_API_KEY", "PERPLEXITY_API_KEY",
    ]

    private static let variables = ProviderTable.builtIn.variables.union(legacyVariables)

    /// Every marker that is one fixed word. Those with a prefix are found by ``kind(of:)`` alone.
    package static let fixedWords: Set<String> = Set(words.keys).union(variables)

    /// What `text` says as a marker, or `nil` when it is a secret or nothing. White space around it is ignored.
    package static func kind(of text: String) -> Kind? {
        let text = text.trimmed()
        if let kind = words[text] { return kind }
        if variables.contains(text) { return .environmentVariable(name: text) }
        if let provider = text.suffix(after: oauthPrefix) { return .oauth(ProviderID(provider)) }
        if let name = text.suffix(after: environmentPrefix) { return .environmentReference(name: name) }
        return nil
    }

    /// Whether `text` is no secret.
    package static func isMarker(_ text: String) -> Bool { kind(of: text) != nil }
}

extension String {
    /// What follows `prefix`, or `nil` when this text does not start with it or ends there.
    fileprivate func suffix(after prefix: String) -> String? {
        guard hasPrefix(prefix), count > prefix.count else { return nil }
        return String(dropFirst(prefix.count))
    }
}
