package import AlulaJSON

extension AnswerError {
    /// HTTP's status in Anthropic's API, which has one of its own for servers that are too busy.
    package var anthropicStatus: Int { kind == .overloaded ? 529 : status }

    /// The body that Anthropic's API gives it, in a stream as well.
    ///
    /// - Parameter request: The answer's name, for people who look for it in a log.
    package func anthropicPayload(_ request: String? = nil) -> JSONValue {
        let error: JSONValue = ["type": .string(anthropicType), "message": .string(anthropicMessage)]
        var body = JSONObject([("type", "error"), ("error", error)])
        body["request_id"] = request.map { .string($0) }
        return .object(body)
    }

    private var anthropicType: String {
        switch kind {
        case .badRequest, .contextOverflow, .methodNotAllowed, .wrongMediaType: "invalid_request_error"
        case .unauthorized: "authentication_error"
        case .billing: "billing_error"
        case .notPermitted: "permission_error"
        case .modelNotFound, .notFound: "not_found_error"
        case .tooLarge: "request_too_large"
        case .rateLimited: "rate_limit_error"
        case .overloaded: "overloaded_error"
        case .bodyTooSlow, .timeout: "timeout_error"
        case .upstream, .internalError: "api_error"
        }
    }

    /// Programs that shorten their conversations know by these words that they have to.
    private var anthropicMessage: String {
        let words = "prompt is too long"
        guard kind == .contextOverflow, !message.lowercased().contains(words) else { return message }
        return "\(words): \(message)"
    }
}
