package import AlulaInference
package import AlulaJSON

/// `POST /v1/chat/completions`
package struct OpenAIChatDialect: AnswerDialect {
    package let featureHeader: String? = nil
    package let idHeader: String? = nil

    package init() {}

    package func decode(_ body: JSONValue) throws(InferenceError) -> InferenceRequest {
        try OpenAIChatRequestDecoder.decode(body)
    }

    package func encode(_ answer: InferenceAnswer, to request: InferenceRequest, _ labels: AnswerLabels) -> JSONValue {
        OpenAIChatAnswerEncoder.encode(answer, labels)
    }

    package func streamEncoder(for request: InferenceRequest, _ labels: AnswerLabels) -> any AnswerStreamEncoding {
        OpenAIChatStreamEncoder(labels, wantsUsage: request.wantsUsageInStream)
    }

    package func payload(of error: AnswerError, _ labels: AnswerLabels?) -> JSONValue { error.openAIPayload }
}
