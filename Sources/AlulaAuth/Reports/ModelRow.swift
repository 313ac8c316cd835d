package import AlulaPrimitives

/// One row of `models.list`.
package struct ModelRow: Hashable, Sendable {
    /// Why a model can't be used now. Raw values are the protocol's.
    package enum UnavailableReason: String, CaseIterable, Sendable {
        case missingAuth = "missing-auth"
        case authFailed = "auth-failed"
        case cooldown
    }

    /// Which models are wanted. Raw values are the protocol's.
    package enum View: String, CaseIterable, Sendable {
        /// What can be chosen: the configured models, and those of providers that can answer.
        case `default`
        /// What the configuration names.
        case configured
        /// Everything that is known.
        case all
    }

    /// One known model, before anybody asked whether it can be used.
    package struct Model: Hashable, Sendable {
        package var id: ModelID
        package var provider: ProviderID
        package var name: String
        package var api: String?
        package var contextWindow: Int?
        package var contextTokens: Int?
        package var isReasoning: Bool?
        /// Kinds of input, such as `text` and `image`.
        package var input: [String]
        package var alias: String?
        /// What the configuration uses the model for, such as `default` and `fallback#1`.
        package var tags: [String]
        /// Whether the configuration names this model.
        package var isConfigured: Bool
        /// Whether the allow list lets it be chosen.
        package var isAllowed: Bool
        /// Served on this machine or network.
        package var isLocal: Bool
        /// Named by the configuration and known to nobody.
        package var isMissing: Bool

        package init(
            id: ModelID, provider: ProviderID, name: String, api: String? = nil, contextWindow: Int? = nil,
            contextTokens: Int? = nil, isReasoning: Bool? = nil, input: [String] = [], alias: String? = nil,
            tags: [String] = [], isConfigured: Bool = false, isAllowed: Bool = true, isLocal: Bool = false,
            isMissing: Bool = false
        ) {
            self.id = id
            self.provider = provider
            self.name = name
            self.api = api
            self.contextWindow = contextWindow
            self.contextTokens = contextTokens
            self.isReasoning = isReasoning
            self.input = input
            self.alias = alias
            self.tags = tags
            self.isConfigured = isConfigured
            self.isAllowed = isAllowed
            self.isLocal = isLocal
            self.isMissing = isMissing
        }
    }

    package let model: Model
    package let availability: Availability

    package var isAvailable: Bool { availability.isAvailable }

    /// `nil` while the model is available. What can't be told counts as missing auth.
    package var unavailableReason: UnavailableReason? {
        switch availability {
        case .available: nil
        case .unavailable(let reason, _): reason.listReason
        case .unknown: .missingAuth
        }
    }

    package var unavailableUntil: Timestamp? {
        if case .unavailable(_, let until) = availability { until } else { nil }
    }

    /// The rows of `view`, sorted by provider and id, each model once.
    ///
    /// Reads the prepared answers and nothing else, so it takes no longer when a source is slow, and a source that
    /// did not answer takes no row away.
    package static func rows(of models: [Model], view: View, reader: AuthReader) -> [ModelRow] {
        var answers: [ProviderID: Availability] = [:]
        var seen: Set<String> = []
        return models.sorted { ($0.provider, $0.id) < ($1.provider, $1.id) }.compactMap { model in
            let availability = answers[model.provider] ?? reader.availability(of: model.provider)
            answers[model.provider] = availability
            guard view.includes(model, availability: availability),
                seen.insert("\(model.provider)/\(model.id)").inserted
            else { return nil }
            return ModelRow(model: model, availability: availability)
        }
    }
}

extension ModelRow.View {
    fileprivate func includes(_ model: ModelRow.Model, availability: Availability) -> Bool {
        switch self {
        case .all: true
        case .configured: model.isConfigured
        case .default:
            model.isConfigured || (model.isAllowed && availability.isAvailable)
        }
    }
}
