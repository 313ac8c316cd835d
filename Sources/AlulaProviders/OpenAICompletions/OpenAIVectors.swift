import AlulaInference
import AlulaJSON

/// Writes requests for vectors for `openai-completions`, and reads the answers.
///
/// - SeeAlso: OpenAI API reference, "Create embeddings".
enum OpenAIVectors {
    static func encode(_ request: EmbeddingRequest, model: String) -> JSONValue {
        // What the caller said and nobody here knows, as it was said.
        var body = request.extras
        body["model"] = .string(model)
        switch request.input {
        case .texts(let texts): body["input"] = .array(texts.map { .string($0) })
        case .tokens(let lists): body["input"] = .array(lists.map { .array($0.map { .number($0) }) })
        }
        // As the caller wants it: some servers know one of both only.
        body["encoding_format"] = .string(request.encoding.rawValue)
        body["dimensions"] = request.dimensions.map { .number($0) }
        body["user"] = request.user.map { .string($0) }
        return .object(body)
    }

    /// - Returns: `nil` unless there is one vector for each of `count` inputs.
    static func decode(_ object: JSONObject, count: Int) -> EmbeddingAnswer? {
        guard let data = object["data"]?.array, data.count == count else { return nil }
        var vectors = [EmbeddingVector?](repeating: nil, count: count)
        for (offset, element) in data.enumerated() {
            let place = element["index"]?.integer.map { Int(clamping: $0) } ?? offset
            guard vectors.indices.contains(place), vectors[place] == nil,
                let vector = EmbeddingVector(element["embedding"])
            else { return nil }
            vectors[place] = vector
        }
        let tokens = object["usage"]?["prompt_tokens"]?.integer ?? object["usage"]?["total_tokens"]?.integer
        return EmbeddingAnswer(vectors.compactMap { $0 }, inputTokens: tokens.map { max(0, Int(clamping: $0)) })
    }
}
