package import AlulaPrimitives

/// One model that can be chosen.
package struct CatalogModel: Hashable, Sendable {
    /// What a model takes in. Raw values are the configuration's.
    package enum Input: String, CaseIterable, Sendable {
        case text
        case image
        case audio
        case video
        case document
    }

    /// Where the entry came from. Raw values are for reports.
    package enum Origin: String, CaseIterable, Sendable {
        case builtIn = "built-in"
        case configured
        /// The generated list of an agent.
        case generated
    }

    /// The window of a model that nobody described, in tokens.
    package static let standardContextWindow = 200_000
    /// The longest answer of a model that nobody described, in tokens.
    package static let standardMaximumOutput = 8192

    package var provider: ProviderID
    package var id: ModelID
    /// For people.
    package var name: String
    package var api: APIKind?
    /// In tokens, question and answer together.
    package var contextWindow: Int
    /// The part of the window that is used, in tokens; `nil` means all of it.
    package var contextTokens: Int?
    /// In tokens.
    package var maximumOutput: Int
    package var isReasoning: Bool
    package var input: [Input]
    /// Whether somebody who knows the model wrote ``input``, and not whoever fills gaps.
    package var isInputKnown: Bool
    /// What the server behind it does differently.
    package var compatibility = ModelCompatibility()
    package var origin: Origin
    /// `nil` when nobody knows it.
    package var price: ModelPrice?

    package init(
        provider: ProviderID, id: ModelID, name: String? = nil, api: APIKind? = nil,
        contextWindow: Int = standardContextWindow, contextTokens: Int? = nil, maximumOutput: Int? = nil,
        isReasoning: Bool = false, input: [Input]? = nil, origin: Origin, price: ModelPrice? = nil
    ) {
        self.provider = provider
        self.id = id
        self.name = name ?? id.rawValue
        self.api = api
        self.contextWindow = contextWindow
        self.contextTokens = contextTokens
        self.maximumOutput = maximumOutput ?? min(Self.standardMaximumOutput, contextWindow)
        self.isReasoning = isReasoning
        self.input = input ?? [.text]
        isInputKnown = input != nil
        self.origin = origin
        self.price = price
    }

    package var reference: ModelReference { ModelReference(provider: provider, model: id) }
}
