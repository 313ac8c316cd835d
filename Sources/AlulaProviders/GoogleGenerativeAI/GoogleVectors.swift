import AlulaInference
import AlulaJSON

/// Writes requests for vectors for `google-generative-ai`, and reads the answers.
///
/// - SeeAlso: Gemini API reference, "models.batchEmbedContents".
enum GoogleVectors {
    /// How many inputs the API takes in one request.
    static let maximumBatch = 100

    static func encode(_ texts: ArraySlice<String>, of request: EmbeddingRequest, model: GoogleModelName) -> JSONValue {
        let requests = texts.map { text -> JSONValue in
            var one = JSONObject([("model", .string(model.resource))])
            one["content"] = ["parts": [["text": .string(text)]]]
            one["outputDimensionality"] = request.dimensions.map { .number($0) }
            return .object(one)
        }
        return ["requests": .array(requests)]
    }

    /// - Returns: `nil` unless there is one vector for each of `count` inputs.
    static func decode(_ object: JSONObject, count: Int) -> EmbeddingAnswer? {
        guard let list = object["embeddings"]?.array, list.count == count else { return nil }
        let vectors = list.compactMap { EmbeddingVector($0["values"]) }
        guard vectors.count == count else { return nil }
        let tokens = object["usageMetadata"]?["promptTokenCount"]?.integer
        return EmbeddingAnswer(vectors, inputTokens: tokens.map { max(0, Int(clamping: $0)) })
    }
}
