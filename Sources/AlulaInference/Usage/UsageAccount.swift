package import AlulaModels
package import AlulaPrimitives

/// What is known of a request's use while it goes on, and what it comes to in the end.
package struct UsageAccount: Hashable, Sendable {
    /// Who was asked last.
    package private(set) var route: FailoverRoute?
    package private(set) var attempts = 0
    /// What the last one who was asked has told.
    package private(set) var usage: TokenUsage?
    /// Whether an answer has begun.
    package private(set) var hasBegun = false
    /// Whether the provider has said why the answer ended.
    package private(set) var isFinished = false

    package init() {}

    /// Somebody is asked, after whoever was asked before did not answer.
    package mutating func asked(_ route: FailoverRoute) {
        self.route = route
        attempts += 1
        usage = nil
        hasBegun = false
        isFinished = false
    }

    /// A piece of an answer came.
    package mutating func took(_ event: InferenceEvent) {
        switch event {
        case .started: break
        case .usage(let usage): self.usage = usage
        case .finished:
            hasBegun = true
            isFinished = true
        default: hasBegun = true
        }
    }

    /// Whether ``took(_:)`` would learn something from a piece after the first.
    package static func counts(_ event: InferenceEvent) -> Bool {
        switch event {
        case .usage, .finished: true
        default: false
        }
    }

    /// The record of the request, once it is over.
    ///
    /// - Parameters:
    ///   - model: Who was asked last, or is meant where nobody was asked.
    ///   - price: What the model costs, if somebody knows.
    package func record(
        ending outcome: UsageRecord.Outcome, at time: Timestamp, after duration: Duration,
        of operation: UsageRecord.Operation,
        agent: AgentID, apiKey: String?, naming model: ModelReference, price: (ModelReference) -> ModelPrice?
    ) -> UsageRecord {
        let asked = BuiltInModels.withoutOptions(model)
        let tokens = usage.map { UsageTokens($0) } ?? UsageTokens()
        // What a provider tells before an answer ends is not its last word.
        let isIncomplete = hasBegun && (outcome != .completed || usage == nil)
        var profile: ProfileID?
        if case .profile(let id)? = route?.login { profile = id }
        return UsageRecord(
            endedAt: time, model: asked, profile: profile, operation: operation, apiKey: apiKey, agent: agent,
            tokens: tokens, cost: cost(of: tokens, at: price(asked)), duration: duration, attempts: attempts,
            outcome: outcome, isIncomplete: isIncomplete)
    }

    private func cost(of tokens: UsageTokens, at price: ModelPrice?) -> UsageCost? {
        if usage != nil { return price?.cost(of: tokens) }
        // Nobody pays for what never began. What began and was not counted is free only where everything is.
        return !hasBegun || price?.rates.isFree == true ? UsageCost() : nil
    }
}
