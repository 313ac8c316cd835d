package import AlulaInference
package import AlulaJSON

/// `POST /v1/responses`
package struct OpenAIResponsesDialect: AnswerDialect {
    package let featureHeader: String? = nil
    package let idHeader: String? = nil

    package init() {}

    package func decode(_ body: JSONValue) throws(InferenceError) -> InferenceRequest {
        try OpenAIResponsesRequestDecoder.decode(body)
    }

    package func encode(_ answer: InferenceAnswer, to request: InferenceRequest, _ labels: AnswerLabels) -> JSONValue {
        OpenAIResponsesAnswerEncoder.encode(answer, to: request, labels)
    }

    package func streamEncoder(for request: InferenceRequest, _ labels: AnswerLabels) -> any AnswerStreamEncoding {
        OpenAIResponsesStreamEncoder(labels, answering: request)
    }

    package func payload(of error: AnswerError, _ labels: AnswerLabels?) -> JSONValue { error.openAIPayload }
}
