import AlulaInference
import AlulaJSON

/// Says in Google's dialect how much a model is to think. Every caller's options are another dialect's wish here, so they come
/// as near as the model allows, and nothing is said to a model that does not think.
struct GoogleThinking {
    /// The bounds of budgets, in tokens.
    private static let smallestBudget = 128
    private static let largestBudget = 24_576
    private static let budgets = [
        "minimal": 1024, "low": 1024, "medium": 8192, "high": 24_576, "xhigh": 24_576, "max": 24_576,
    ]

    let model: GoogleModelName

    /// - Returns: `nil` when nothing is to be said.
    func configuration(_ options: ReasoningOptions?) -> JSONValue? {
        guard let options else { return nil }
        var configuration = JSONObject()
        switch model.thinking {
        case .none: return nil
        case .level: configuration["thinkingLevel"] = level(options).map { .string($0) }
        case .budget: configuration["thinkingBudget"] = budget(options).map { .number($0) }
        }
        if options.summary != "omitted", !isOff(options) { configuration["includeThoughts"] = true }
        return configuration.isEmpty ? nil : .object(configuration)
    }

    private func isOff(_ options: ReasoningOptions) -> Bool {
        if let effort = options.effort { return effort == "none" }
        return options.budgetTokens == 0
    }

    private func level(_ options: ReasoningOptions) -> String? {
        let lowest = model.alwaysThinks ? "low" : "minimal"
        let medium = model.hasMediumLevel ? "medium" : "high"
        if let effort = options.effort {
            switch effort {
            case "none", "minimal": return lowest
            case "low": return "low"
            case "medium": return medium
            default: return "high"
            }
        }
        guard !options.isAdaptive, let budget = options.budgetTokens else { return nil }
        switch budget {
        case ...0: return lowest
        case ...2048: return "low"
        case ...12_288: return medium
        default: return "high"
        }
    }

    private func budget(_ options: ReasoningOptions) -> Int? {
        let none = model.alwaysThinks ? Self.smallestBudget : 0
        if let effort = options.effort {
            return effort == "none" ? none : Self.budgets[effort] ?? Self.budgets["medium"]
        }
        // As long as it finds right.
        if options.isAdaptive { return -1 }
        return options.budgetTokens.map { $0 <= 0 ? none : min(max($0, Self.smallestBudget), Self.largestBudget) }
    }
}
