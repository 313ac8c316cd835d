package import AlulaPrimitives

/// Every provider that is known by name, with the other names that lead to it.
///
/// There are two kinds of other names and they must not be mixed. An *auth alias* says that two providers share one
/// login (`byteplus-plan` is served by a `byteplus` key). A *model alias* is a spelling that people use in front of
/// a model (`z.ai/glm-5` means `zai/glm-5`); at the level of logins `z.ai` and `zai` stay different providers.
package struct ProviderTable: Sendable {
    /// The rows, in the order in which people are shown them.
    package let entries: [ProviderEntry]
    /// One hop from a provider to the one whose logins it uses.
    package let authAliases: [ProviderID: ProviderID]
    /// Spellings in a model reference, and the provider that each means.
    package let modelAliases: [ProviderID: ProviderID]

    /// All variables that some provider takes a credential from.
    package let variables: Set<String>

    private let rows: [ProviderID: Int]

    /// Indexes `entries`; of two rows with one id the first counts.
    package init(
        entries: [ProviderEntry], authAliases: [ProviderID: ProviderID] = [:],
        modelAliases: [ProviderID: ProviderID] = [:]
    ) {
        self.entries = entries
        self.authAliases = authAliases
        self.modelAliases = modelAliases
        variables = Set(entries.flatMap(\.environmentVariables))
        rows = Dictionary(entries.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    /// The row of `provider` itself.
    package subscript(provider: ProviderID) -> ProviderEntry? { rows[provider].map { entries[$0] } }

    /// The provider whose logins serve `provider`.
    package func authProvider(of provider: ProviderID) -> ProviderID { authAliases[provider] ?? provider }

    /// The provider that `spelling` means in front of a model.
    package func modelProvider(of spelling: ProviderID) -> ProviderID { modelAliases[spelling] ?? spelling }

    /// The row of `provider`, or of the provider whose login it shares.
    package func entry(servedAs provider: ProviderID) -> ProviderEntry? {
        self[provider] ?? self[authProvider(of: provider)]
    }

    /// Credential variables that serve `provider`, in order; its auth alias is followed first.
    package func environmentVariables(of provider: ProviderID) -> [String] {
        self[authProvider(of: provider)]?.environmentVariables ?? []
    }

    /// Whether failures of `provider` never cool a profile down.
    package func bypassesCooldown(_ provider: ProviderID) -> Bool {
        entry(servedAs: provider)?.bypassesCooldown ?? false
    }

    /// Every id that a login may be asked for, aliases included, in order of the alphabet.
    package var ids: [ProviderID] { Set(rows.keys).union(authAliases.keys).sorted() }

    /// The name that `models.authStatus` shows: a short brand for the few providers that have one there, else the id.
    package func statusName(of provider: ProviderID) -> String {
        Self.statusNames[provider] ?? provider.rawValue
    }

    private static let statusNames: [ProviderID: String] = [
        "anthropic": "Claude", "github-copilot": "Copilot", "google-gemini-cli": "Gemini", "minimax": "MiniMax",
        "openai": "OpenAI", "xiaomi": "Xiaomi", "xiaomi-token-plan": "Xiaomi Token Plan", "zai": "z.ai",
    ]
}
