package import AlulaModels
package import AlulaPrimitives

/// One request to a model that is over: who was asked, what it took and what it cost, and nothing of what was said.
package struct UsageRecord: Hashable, Sendable {
    /// How a request ended.
    package enum Outcome: Hashable, Sendable {
        /// The provider said everything.
        case completed
        /// Nobody answered, or an answer broke off; the code is one of a small closed set.
        case failed(String)
        /// Whoever waited stopped waiting: the caller hung up, the time was over, or the gateway stops.
        case cancelled
    }

    /// What was asked for.
    package enum Operation: Hashable, Sendable {
        /// An answer, in the caller's dialect.
        case answer(Dialect)
        /// Vectors, for which there is one dialect.
        case embeddings

        /// As it is kept: the dialect's word, and a word of the same kind for vectors.
        package var stored: String {
            switch self {
            case .answer(let dialect): dialect.rawValue
            case .embeddings: "openai-embeddings"
            }
        }
    }

    /// Names longer than this are cut, in characters.
    package static let maximumName = 256

    package var endedAt: Timestamp
    /// Who answered or was asked last, without a pinned login.
    package var model: ModelReference
    /// The stored login, if it was one.
    package var profile: ProfileID?
    package var operation: Operation
    /// The name of the caller's key; `nil` for the gateway's own secret.
    package var apiKey: String?
    package var agent: AgentID?
    package var tokens: UsageTokens
    /// `nil` when it is not known, which is not the same as nothing.
    package var cost: UsageCost?
    /// From the first decision to the end of the answer.
    package var duration: Duration
    /// Calls of providers.
    package var attempts: Int
    package var outcome: Outcome
    /// Whether the provider may have counted more than it had told when the answer ended.
    package var isIncomplete: Bool

    package init(
        endedAt: Timestamp, model: ModelReference, profile: ProfileID? = nil, operation: Operation,
        apiKey: String? = nil, agent: AgentID? = nil, tokens: UsageTokens = UsageTokens(), cost: UsageCost?,
        duration: Duration,
        attempts: Int, outcome: Outcome, isIncomplete: Bool = false
    ) {
        self.endedAt = endedAt
        self.model = ModelReference(
            provider: ProviderID(Self.name(model.provider.rawValue)), model: ModelID(Self.name(model.model.rawValue)))
        self.profile = profile.map { ProfileID(Self.name($0.rawValue)) }
        self.operation = operation
        self.apiKey = apiKey.map(Self.name)
        self.agent = agent.map { AgentID(Self.name($0.rawValue)) }
        self.tokens = tokens
        self.cost = cost
        self.duration = duration
        self.attempts = attempts
        self.outcome = outcome
        self.isIncomplete = isIncomplete
    }

    private static func name(_ text: String) -> String { String(text.prefix(maximumName)) }
}
