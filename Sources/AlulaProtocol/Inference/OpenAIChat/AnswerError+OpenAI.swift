package import AlulaJSON

extension AnswerError {
    /// The body that OpenAI's API gives it.
    package var openAIPayload: JSONValue {
        let (type, code): (String, String?) =
            switch kind {
            case .badRequest: ("invalid_request_error", nil)
            case .methodNotAllowed: ("invalid_request_error", "method_not_allowed")
            case .bodyTooSlow: ("invalid_request_error", "request_timeout")
            case .wrongMediaType: ("invalid_request_error", "unsupported_media_type")
            case .tooLarge: ("invalid_request_error", "request_too_large")
            case .contextOverflow: ("invalid_request_error", "context_length_exceeded")
            case .notFound: ("invalid_request_error", "not_found")
            case .modelNotFound: ("invalid_request_error", "model_not_found")
            case .unauthorized: ("authentication_error", "invalid_api_key")
            case .notPermitted: ("permission_error", nil)
            case .billing: ("insufficient_quota", "insufficient_quota")
            case .rateLimited: ("rate_limit_error", "rate_limit_exceeded")
            case .overloaded: ("api_error", "overloaded")
            case .timeout: ("api_error", "timeout")
            case .upstream, .internalError: ("api_error", nil)
            }
        return [
            "error": [
                "message": .string(message), "type": .string(type),
                "param": parameter.map { .string($0) } ?? .null, "code": code.map { .string($0) } ?? .null,
            ]
        ]
    }
}
