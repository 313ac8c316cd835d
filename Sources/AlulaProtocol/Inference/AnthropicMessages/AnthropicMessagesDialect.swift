package import AlulaInference
package import AlulaJSON

/// `POST /v1/messages`
package struct AnthropicMessagesDialect: AnswerDialect {
    package let featureHeader: String? = "anthropic-beta"
    package let idHeader: String? = "request-id"

    package init() {}

    package func decode(_ body: JSONValue) throws(InferenceError) -> InferenceRequest {
        try AnthropicRequestDecoder.decode(body)
    }

    package func encode(
        _ answer: InferenceAnswer, to request: InferenceRequest, _ labels: AnswerLabels
    ) throws(InferenceError) -> JSONValue {
        try AnthropicAnswerEncoder.encode(answer, labels)
    }

    package func streamEncoder(for request: InferenceRequest, _ labels: AnswerLabels) -> any AnswerStreamEncoding {
        AnthropicStreamEncoder(labels)
    }

    package func status(of error: AnswerError) -> Int { error.anthropicStatus }

    package func payload(of error: AnswerError, _ labels: AnswerLabels?) -> JSONValue {
        error.anthropicPayload(labels.map { name(of: $0) })
    }

    package func name(of labels: AnswerLabels) -> String { "req_\(labels.id)" }
}
