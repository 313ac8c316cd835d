package import AlulaInference
package import AlulaJSON

/// Writes vectors as `POST /v1/embeddings` gives them.
package enum OpenAIEmbeddingsEncoder {
    package static func encode(_ answer: EmbeddingAnswer, to request: EmbeddingRequest) -> JSONValue {
        let data = answer.vectors.enumerated().map { index, vector -> JSONValue in
            let embedding: JSONValue =
                switch request.encoding {
                case .float: vector.array
                case .base64: .string(vector.base64)
                }
            return ["object": "embedding", "index": .number(index), "embedding": embedding]
        }
        let tokens = JSONValue.number(answer.inputTokens ?? 0)
        return [
            "object": "list", "data": .array(data), "model": .string(request.model),
            "usage": ["prompt_tokens": tokens, "total_tokens": tokens],
        ]
    }
}
