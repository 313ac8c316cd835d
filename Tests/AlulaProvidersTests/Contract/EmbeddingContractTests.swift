import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

/// What every kind of API with vectors has to do, against a provider on a socket.
@Suite(.timeLimit(.minutes(3)))
struct EmbeddingContractTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let path: String
        let make: @Sendable (UpstreamClient, any LoginOpening, any ComputeOffloading) -> any EmbeddingProviding
        /// An answer with these vectors; the last member tells the number of tokens.
        let answer: @Sendable (_ vectors: [String], _ tokens: Int) -> String
        /// What a request for "a" and "b" with two dimensions is.
        let asked: JSONValue
        let takesTokens: Bool
    }

    /// OpenAI's APIs have one way.
    private static func openAI(
        _ name: String,
        _ make: @escaping @Sendable (UpstreamClient, any LoginOpening, any ComputeOffloading) -> any EmbeddingProviding
    ) -> Kind {
        Kind(
            testDescription: name, path: "/v1/embeddings",
            make: make,
            answer: { vectors, tokens in
                let data = vectors.enumerated().map { #"{"index":\#($0),"embedding":\#($1)}"# }
                // In any order.
                return
                    #"{"data":[\#(data.reversed().joined(separator: ","))],"usage":{"prompt_tokens":\#(tokens)}}"#
            },
            asked: [
                "model": "small", "input": ["a", "b"], "encoding_format": "float", "dimensions": 2, "user": "ann",
            ], takesTokens: true)
    }

    static let kinds = [
        openAI("openai-completions") { OpenAICompletionsProvider(client: $0, logins: $1, offloading: $2) },
        openAI("openai-responses") { OpenAIResponsesProvider(client: $0, logins: $1, offloading: $2) },
        Kind(
            testDescription: "google-generative-ai", path: "/v1/models/small:batchEmbedContents",
            make: { GoogleGenerativeAIProvider(client: $0, logins: $1, offloading: $2) },
            answer: { vectors, tokens in
                let list = vectors.map { #"{"values":\#($0)}"# }.joined(separator: ",")
                return #"{"embeddings":[\#(list)],"usageMetadata":{"promptTokenCount":\#(tokens)}}"#
            },
            asked: [
                "requests": [
                    ["model": "models/small", "content": ["parts": [["text": "a"]]], "outputDimensionality": 2],
                    ["model": "models/small", "content": ["parts": [["text": "b"]]], "outputDimensionality": 2],
                ]
            ], takesTokens: false),
        Kind(
            testDescription: "ollama", path: "/api/embed",
            make: { OllamaProvider(client: $0, logins: $1, offloading: $2) },
            answer: { vectors, tokens in
                #"{"model":"small","embeddings":[\#(vectors.joined(separator: ","))],"prompt_eval_count":\#(tokens)}"#
            },
            asked: ["model": "small", "input": ["a", "b"], "dimensions": 2, "truncate": false], takesTokens: false),
    ]

    private static func ask(
        _ kind: Kind, _ base: String?, _ input: EmbeddingRequest.Input = .texts(["a", "b"]),
        limits: UpstreamClient.Limits = .init(), offloading: CountingOffload = CountingOffload(),
        adjust: (inout EmbeddingRequest) -> Void = { _ in }
    ) async -> Result<EmbeddingAnswer, AttemptFailure> {
        let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton, limits: limits)
        var request = EmbeddingRequest(model: "x", input: input, dimensions: 2, user: "ann")
        adjust(&request)
        let route = FailoverRoute(model: ModelReference(provider: "lab", model: "small"), login: .configuredKey)
        let result: Result<EmbeddingAnswer, AttemptFailure>
        do {
            let call = EmbeddingCall(
                request, to: CallTarget(route, for: .main, at: base, until: .after(.seconds(60))))
            result = .success(try await kind.make(client, FixedLogin(), offloading).embed(call))
        } catch let failure as AttemptFailure {
            result = .failure(failure)
        } catch {
            Issue.record("\(error)")
            result = .failure(AttemptFailure(FailureReport()))
        }
        await client.shutdown()
        return result
    }

    private static func failure(_ result: Result<EmbeddingAnswer, AttemptFailure>) -> AttemptFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }

    @Test(arguments: kinds) func asksAndReadsVectors(_ kind: Kind) async throws {
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.answer(["[0.5,-1]", "[2,3]"], 7))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let made = try await Self.ask(kind, upstream.baseURL).get()
            #expect(made.vectors.map(\.values) == [[0.5, -1], [2, 3]])
            #expect(made.inputTokens == 7)
            let request = try #require(upstream.requests.first)
            #expect(request.hasPrefix("POST \(kind.path) HTTP/1.1"))
            #expect(request.contains(FixedLogin.key))
            let body = try JSONValue.parse(String(request.split(separator: "\r\n\r\n").last ?? ""))
            #expect(body == kind.asked)
        }
    }

    @Test(arguments: kinds) func badAnswersAreNoVectors(_ kind: Kind) async throws {
        let json = "application/json"
        let cases: [(String, String, String, FailureJudgement)] = [
            ("429 Slow", json, #"{"error":{"message":"slow"}}"#, .failure(.rateLimit)),
            ("401 No", json, #"{"error":{"message":"no \#(FixedLogin.key)"}}"#, .failure(.auth)),
            ("404 No", "text/html", "<html>nginx</html>", .failure(.modelNotFound)),
            ("200 OK", json, #"{"error":{"message":"slow","code":429}}"#, .failure(.rateLimit)),
            ("200 OK", json, "", .failure(.unclassified)), ("200 OK", json, "[]", .failure(.unclassified)),
            ("200 OK", json, "{}", .failure(.unclassified)), ("200 OK", json, "{", .failure(.unclassified)),
            ("200 OK", json, kind.answer(["[1]"], 1), .failure(.unclassified)),
            ("200 OK", json, kind.answer(["[1]", "[2]", "[3]"], 1), .failure(.unclassified)),
            ("200 OK", json, kind.answer(["[1]", "[]"], 1), .failure(.unclassified)),
            ("200 OK", json, kind.answer(["[1]", #"["x"]"#], 1), .failure(.unclassified)),
            ("200 OK", json, kind.answer(["[1]", "[1e99]"], 1), .failure(.unclassified)),
            ("200 OK", "text/html", "<html>captive portal</html>", .failure(.unclassified)),
        ]
        for (status, type, body, judgement) in cases {
            try await LoopbackUpstream.run([.write(LoopbackUpstream.answer(status, type, body))]) { upstream in
                let failure = Self.failure(await Self.ask(kind, upstream.baseURL))
                #expect(failure?.judgement == judgement, "\(status) \(body)")
                #expect(failure?.message.contains(FixedLogin.key) == false)
            }
        }
        #expect(Self.failure(await Self.ask(kind, nil)) != nil)
        #expect(Self.failure(await Self.ask(kind, "http://127.0.0.1:1/v1"))?.judgement == .failure(.timeout))
    }

    @Test(arguments: kinds) func longAnswersAreReadElsewhereAndBounded(_ kind: Kind) async throws {
        let long = "[" + Array(repeating: "0.25", count: 20_000).joined(separator: ",") + "]"
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.answer([long, long], 7))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let offloading = CountingOffload()
            let made = try await Self.ask(kind, upstream.baseURL, offloading: offloading).get()
            #expect(made.vectors.map(\.values.count) == [20_000, 20_000])
            #expect(offloading.works == 1)
            var limits = UpstreamClient.Limits()
            limits.maximumAnswer = ByteCount(bytes: 100_000)
            let failure = Self.failure(await Self.ask(kind, upstream.baseURL, limits: limits))
            #expect(failure?.message.contains("larger") == true)
        }
    }

    @Test(arguments: kinds) func whatCantBeSaidIsRefusedByItsName(_ kind: Kind) async throws {
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.answer(["[1]", "[2]"], 1))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let tokens = await Self.ask(kind, upstream.baseURL, .tokens([[1], [2, 3]]))
            let extra = await Self.ask(kind, upstream.baseURL) { $0.extras["input_type"] = "query" }
            if kind.takesTokens {
                #expect(Self.failure(tokens) == nil && Self.failure(extra) == nil)
                #expect(upstream.requests.first?.contains(#""input":[[1],[2,3]]"#) == true)
                #expect(upstream.requests.last?.contains(#""input_type":"query""#) == true)
            } else {
                #expect(Self.failure(tokens)?.parameter == "input")
                #expect(Self.failure(tokens)?.judgement == .refusedInput)
                #expect(Self.failure(extra)?.parameter == "input_type")
                #expect(upstream.requests.isEmpty)
            }
        }
    }

    /// Google takes a hundred at once.
    @Test func manyInputsAreAskedInParts() async throws {
        let kind = Self.kinds[2]
        let answer = LoopbackUpstream.answer(
            "200 OK", "application/json", kind.answer(Array(repeating: "[1]", count: 100), 5))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let texts = EmbeddingRequest.Input.texts(Array(repeating: "x", count: 200))
            let made = try await Self.ask(kind, upstream.baseURL, texts).get()
            #expect(made.vectors.count == 200)
            #expect(made.inputTokens == 10)
            #expect(upstream.requests.count == 2)
        }
    }

    @Test func serversMayPackVectors() async throws {
        let kind = Self.kinds[0]
        let answer = LoopbackUpstream.answer(
            "200 OK", "application/json", kind.answer([#""AAAAPwAAgL8=""#, #""AACAPw==""#], 1))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let made = try await Self.ask(kind, upstream.baseURL) { $0.encoding = .base64 }.get()
            #expect(made.vectors.map(\.values) == [[0.5, -1], [1]])
            #expect(upstream.requests.first?.contains(#""encoding_format":"base64""#) == true)
        }
        let twice = #"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]}"#
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", twice))]) {
            upstream in
            #expect(Self.failure(await Self.ask(kind, upstream.baseURL)) != nil)
        }
    }
}
