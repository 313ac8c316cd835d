import AlulaInference
import AlulaJSON
import AlulaProtocol

extension FuzzTarget {
    /// Bodies of `POST /v1/embeddings`: read the same each time, bounded, and refused without quoting what they say; numbers and
    /// texts that are vectors are the same in both forms.
    static let embeddingRequests = FuzzTarget("embedding-requests") { input in
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue.parse(input.bytes.planting(Canary.text)) } catch { return }
        for value in [body, body["input"], body["input"]?.array?.first] {
            guard let vector = EmbeddingVector(value) else { continue }
            try require(EmbeddingVector(.string(vector.base64)) == vector, "a vector is another one in base 64")
            try require(EmbeddingVector(vector.array) == vector, "a vector is another one in numbers")
        }
        let request: EmbeddingRequest
        do throws(InferenceError) {
            request = try OpenAIEmbeddingsDecoder.decode(body)
        } catch {
            try require(error.code == .malformedRequest, "a request fails as \(error.code)")
            try require(error.message.utf8.count <= 500, "the refusal of a request is endless")
            return try Canary.check(error.message, "the refusal of a request")
        }
        try require(try OpenAIEmbeddingsDecoder.decode(body) == request, "one request is read as two")
        try require(
            (1...OpenAIEmbeddingsDecoder.maximumInputs).contains(request.input.count),
            "a request with \(request.input.count) inputs is read")
        for key in ["model", "input", "dimensions", "encoding_format", "user"] {
            try require(request.extras[key] == nil, "a member that was read is kept as unknown too")
        }
    }
}
