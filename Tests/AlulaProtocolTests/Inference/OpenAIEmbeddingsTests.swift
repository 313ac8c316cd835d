import AlulaInference
import AlulaJSON
import AlulaProtocol
import Testing

struct OpenAIEmbeddingsTests {
    // MARK: Requests

    @Test(
        arguments: [
            ("Hi", .texts(["Hi"])), ("", .texts([""])), (["a", ""], .texts(["a", ""])), ([1, 2], .tokens([[1, 2]])),
            ([[1], [2, 3]], .tokens([[1], [2, 3]])),
        ] as [(JSONValue, EmbeddingRequest.Input)])
    func readsEachFormOfInput(_ value: JSONValue, _ input: EmbeddingRequest.Input) throws {
        let request = try OpenAIEmbeddingsDecoder.decode(["model": "m", "input": value])
        #expect(request == EmbeddingRequest(model: "m", input: input))
    }

    @Test func readsWhatElseIsSaid() throws {
        let request = try OpenAIEmbeddingsDecoder.decode([
            "model": "m", "input": "Hi", "encoding_format": "base64", "dimensions": 256, "user": "ann",
            "input_type": "query", "x": .null,
        ])
        #expect(
            request
                == EmbeddingRequest(
                    model: "m", input: .texts(["Hi"]), dimensions: 256, encoding: .base64, user: "ann",
                    extras: JSONObject([("input_type", "query")])))
    }

    @Test(
        arguments: [
            ([], nil), (["input": "x"], "model"), (["model": " ", "input": "x"], "model"), (["model": "m"], "input"),
            (["model": "m", "input": .null], "input"), (["model": "m", "input": 4], "input"),
            (["model": "m", "input": []], "input"), (["model": "m", "input": ["a", 1]], "input[1]"),
            (["model": "m", "input": [1, "a"]], "input[1]"), (["model": "m", "input": [1, -1]], "input[1]"),
            (["model": "m", "input": [1, 1.5]], "input[1]"), (["model": "m", "input": [[1], []]], "input[1]"),
            (["model": "m", "input": [[1], 2]], "input[1]"), (["model": "m", "input": [[1, "x"]]], "input[0][1]"),
            (["model": "m", "input": [true]], "input[0]"),
            (["model": "m", "input": "x", "encoding_format": "int8"], "encoding_format"),
            (["model": "m", "input": "x", "dimensions": 0], "dimensions"),
            (["model": "m", "input": "x", "dimensions": 65_537], "dimensions"),
            (["model": "m", "input": "x", "dimensions": "9"], "dimensions"),
            (["model": "m", "input": "x", "user": 1], "user"),
        ] as [(JSONValue, String?)])
    func namesTheMemberThatIsWrong(_ body: JSONValue, _ place: String?) {
        let error = #expect(throws: InferenceError.self) { try OpenAIEmbeddingsDecoder.decode(body) }
        #expect(error?.parameter == place)
        #expect(error?.code == .malformedRequest)
    }

    @Test func inputsAreBounded() throws {
        func body(_ count: Int) -> JSONValue {
            ["model": "m", "input": .array(Array(repeating: "x", count: count))]
        }
        let maximum = OpenAIEmbeddingsDecoder.maximumInputs
        #expect(try OpenAIEmbeddingsDecoder.decode(body(maximum)).input.count == maximum)
        #expect(throws: InferenceError.self) { try OpenAIEmbeddingsDecoder.decode(body(maximum + 1)) }
        // A long list of tokens is one input.
        let tokens: JSONValue = ["model": "m", "input": .array(Array(repeating: 7, count: maximum + 1))]
        #expect(try OpenAIEmbeddingsDecoder.decode(tokens).input.count == 1)
    }

    // MARK: Answers

    @Test func writesVectorsAsTheCallerWantsThem() throws {
        let vectors = try [[0.5, -1], [2, 0.1]].map { try #require(EmbeddingVector($0)) }
        var request = EmbeddingRequest(model: "alias", input: .texts(["a", "b"]))
        let answer = EmbeddingAnswer(vectors, inputTokens: 7)
        #expect(
            OpenAIEmbeddingsEncoder.encode(answer, to: request) == [
                "object": "list",
                "data": [
                    ["object": "embedding", "index": 0, "embedding": [0.5, -1]],
                    ["object": "embedding", "index": 1, "embedding": [2, 0.1]],
                ],
                "model": "alias", "usage": ["prompt_tokens": 7, "total_tokens": 7],
            ])
        request.encoding = .base64
        let data = OpenAIEmbeddingsEncoder.encode(EmbeddingAnswer(vectors), to: request)
        #expect(data["data"]?.array?.first?["embedding"] == "AAAAPwAAgL8=")
        #expect(data["usage"] == ["prompt_tokens": 0, "total_tokens": 0])
    }
}
