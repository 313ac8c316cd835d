import AlulaInference
import AlulaJSON

/// Says in Anthropic's dialect how much a model is to think.
struct MessagesThinking {
    /// How a model is told.
    private enum Form {
        /// By an effort; it decides itself how long that takes.
        case adaptive
        /// By a number of tokens.
        case budget
        /// It does not think.
        case none
    }

    let model: String
    /// The longest answer, thoughts included, in tokens.
    let limit: Int

    func write(_ request: InferenceRequest, into body: inout JSONObject) {
        guard let options = request.reasoning else { return }
        if request.dialect == .anthropicMessages {
            asSaid(options, into: &body)
        } else {
            translated(options, request, into: &body)
        }
    }

    /// A caller of the same dialect knows what its model takes.
    private func asSaid(_ options: ReasoningOptions, into body: inout JSONObject) {
        var thinking = body["thinking"]?.object ?? JSONObject()
        if options.isAdaptive {
            thinking["type"] = "adaptive"
        } else if let budget = options.budgetTokens {
            thinking["type"] = budget > 0 ? "enabled" : "disabled"
            if budget > 0 { thinking["budget_tokens"] = .number(budget) }
        }
        if let summary = options.summary, thinking["type"] != nil {
            thinking["display"] = summary == "omitted" ? "omitted" : "summarized"
        }
        if !thinking.isEmpty { body["thinking"] = .object(thinking) }
        if let effort = options.effort { say(effort, in: &body) }
    }

    /// Another dialect's effort. It is a wish, so whatever would turn the request into one that the API refuses goes before.
    private func translated(_ options: ReasoningOptions, _ request: InferenceRequest, into body: inout JSONObject) {
        guard let effort = options.effort, effort != "none" else { return }
        switch form {
        case .none: break
        case .adaptive:
            if !isForced(request) { body["thinking"] = ["type": "adaptive"] }
            say(effort == "minimal" ? "low" : effort, in: &body)
        case .budget:
            let options = request.sampling
            guard !isForced(request), options.temperature ?? 1 == 1, options.topK == nil, options.topP == nil,
                !isInMidTurn(request)
            else { return }
            let budget = min(Self.budgets[effort] ?? 8192, limit / 2)
            if budget >= Self.smallestBudget {
                body["thinking"] = ["type": "enabled", "budget_tokens": .number(budget)]
            }
        }
    }

    private func say(_ effort: String, in body: inout JSONObject) {
        body["output_config"] = MessagesRequestEncoder.adding("effort", .string(effort), to: body["output_config"])
    }

    /// Who has to call a tool can't think first.
    private func isForced(_ request: InferenceRequest) -> Bool {
        switch request.toolChoice {
        case .required?, .tool?: true
        case .automatic?, ToolChoice.none?, nil: false
        }
    }

    /// A turn that began without thoughts, or with another provider's, goes on without.
    private func isInMidTurn(_ request: InferenceRequest) -> Bool { request.messages.last?.role == .tool }

    private static let smallestBudget = 1024
    private static let budgets = [
        "minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576, "max": 32_768,
    ]

    /// Claude thinks since 3.7 and by an effort since 4.6. Other vendors' models that speak this dialect know budgets.
    private var form: Form {
        guard let name = model.split(separator: "/").last.map({ $0.lowercased() }), name.contains("claude") else {
            return .budget
        }
        // `claude-opus-4-6`, `claude-3-7-sonnet-20250219`; dates are no versions.
        let numbers = name.split { $0 == "-" || $0 == "." || $0 == "@" }.compactMap { $0.count <= 2 ? Int($0) : nil }
        let (major, minor) = (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
        switch (major, minor) {
        case (0, _), (5..., _), (4, 6...): return .adaptive
        case (4, _), (3, 7...): return .budget
        default: return .none
        }
    }
}
