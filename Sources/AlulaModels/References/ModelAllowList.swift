package import AlulaPrimitives

/// Which models a person may switch to. What the configuration itself selects is always allowed.
package struct ModelAllowList: Hashable, Sendable {
    /// Which of the two generations of the rule is in force. Raw values are for reports.
    package enum Rule: String, CaseIterable, Sendable {
        /// The keys of `agents.defaults.models` are the list; without any, every model is allowed.
        case modelKeys = "agents.defaults.models"
        /// `modelPolicy.allow` is the list, an agent's own in place of the common one.
        case policy = "modelPolicy.allow"
    }

    package let rule: Rule
    /// Nothing is refused.
    package let allowsAny: Bool

    private let entries: Set<ModelPattern>
    private let selected: Set<ModelReference>

    /// The older rule.
    ///
    /// - Parameters:
    ///   - modelKeys: The keys of `agents.defaults.models`.
    ///   - selection: The configured primary and fallbacks.
    package init(modelKeys: [String], selection: ModelSelection, names: ModelNames) {
        self.init(rule: .modelKeys, list: modelKeys, selection: selection, names: names)
    }

    /// The newer rule.
    ///
    /// - Parameters:
    ///   - policy: `agents.defaults.modelPolicy.allow`; `nil` or empty allows any.
    ///   - agentPolicy: The agent's own list; when there is one, even an empty one, the common one does not count.
    package init(policy: [String]?, agentPolicy: [String]?, selection: ModelSelection, names: ModelNames) {
        self.init(rule: .policy, list: agentPolicy ?? policy ?? [], selection: selection, names: names)
    }

    private init(rule: Rule, list: [String], selection: ModelSelection, names: ModelNames) {
        self.rule = rule
        let list = list.map { $0.trimmed() }.filter { !$0.isEmpty }
        entries = Set(list.compactMap { Self.entry($0, names: names) })
        allowsAny = list.isEmpty || entries.contains(.everything)
        selected = Set(([selection.primary] + selection.fallbacks).map(\.unpinned))
    }

    /// Whether a person may switch to `reference`, with whichever login.
    package func allows(_ reference: ModelReference) -> Bool {
        // Most lists have one entry for each model; those are found without a look at the others.
        if allowsAny || selected.contains(reference.unpinned) || entries.contains(.exact(reference.unpinned)) {
            return true
        }
        return entries.contains { $0.matches(reference) }
    }

    /// What the person is told, in the reference's words.
    package func refusal(of reference: ModelReference) -> String { "model not allowed: \(reference.unpinned)" }

    /// Providers of which everything that is discovered is shown.
    package var openProviders: Set<ProviderID> {
        Set(entries.compactMap { if case .prefix(let provider, "") = $0 { provider } else { nil } })
    }

    /// A name that is no full one may be an alias or a bare id.
    private static func entry(_ text: String, names: ModelNames) -> ModelPattern? {
        guard !text.hasSuffix("*") else { return ModelPattern(text) }
        return names.resolve(text).map { .exact($0.reference.unpinned) }
    }
}
