import AlulaInference
import AlulaJSON

/// Writes requests for vectors for `ollama`, and reads the answers.
///
/// - SeeAlso: Ollama API reference, "Generate embeddings".
enum OllamaVectors {
    /// - Throws: ``AttemptFailure`` when the request holds what this dialect has no word for.
    static func encode(_ request: EmbeddingRequest, model: String) throws(AttemptFailure) -> JSONValue {
        let texts = try request.sayableTexts()
        var body = JSONObject([("model", .string(model)), ("input", .array(texts.map { .string($0) }))])
        body["dimensions"] = request.dimensions.map { .number($0) }
        // Else the server cuts what is too long, in silence.
        body["truncate"] = false
        return .object(body)
    }

    /// - Returns: `nil` unless there is one vector for each of `count` inputs.
    static func decode(_ object: JSONObject, count: Int) -> EmbeddingAnswer? {
        guard let list = object["embeddings"]?.array, list.count == count else { return nil }
        let vectors = list.compactMap { EmbeddingVector($0) }
        guard vectors.count == count else { return nil }
        return EmbeddingAnswer(
            vectors, inputTokens: object["prompt_eval_count"]?.integer.map { max(0, Int(clamping: $0)) })
    }
}
