import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaProviders

struct EchoVectorsTests {
    private static func vectors(_ texts: String..., length: Int? = nil) throws -> [[Float]] {
        try EchoVectors.answer(EmbeddingRequest(model: "alula/echo", input: .texts(texts), dimensions: length))
            .vectors.map(\.values)
    }

    private static func nearness(_ one: [Float], _ other: [Float]) -> Float {
        zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test func theSameWordsGiveTheSameVector() throws {
        let vectors = try Self.vectors("Hello there", "hello, THERE!", "Goodbye")
        #expect(vectors.allSatisfy { $0.count == 64 })
        #expect(vectors[0] == vectors[1])
        #expect(vectors[0] != vectors[2])
        for vector in vectors { #expect(abs(Self.nearness(vector, vector) - 1) < 1e-5) }
    }

    @Test func textsThatShareWordsLieNearEachOther() throws {
        let vectors = try Self.vectors("the eagle flies high", "the eagle flies low", "an entirely different matter")
        #expect(Self.nearness(vectors[0], vectors[1]) > Self.nearness(vectors[0], vectors[2]))
    }

    @Test func everyInputHasADirection() throws {
        for text in ["", " \n", "…", "🦅", "世界"] {
            for length in [1, 2, 3072] {
                let vector = try #require(try Self.vectors(text, length: length).first)
                #expect(vector.count == length)
                #expect(Self.nearness(vector, vector) > 0.99, "\(text) \(length)")
            }
        }
    }

    @Test func tokensCountAsWords() throws {
        let answer = try EchoVectors.answer(EmbeddingRequest(model: "m", input: .tokens([[1, 2], [3]])))
        #expect(answer.vectors.count == 2)
        #expect(answer.inputTokens == 3)
    }

    private static func call(_ model: String, _ adjust: (inout EmbeddingRequest) -> Void = { _ in }) -> EmbeddingCall {
        var request = EmbeddingRequest(model: "m", input: .texts(["Hi"]))
        adjust(&request)
        let route = FailoverRoute(model: ModelReference(provider: "alula", model: ModelID(model)), login: .unneeded)
        return EmbeddingCall(request, to: CallTarget(route, for: .main, until: .after(.seconds(60))))
    }

    @Test func optionsCountForVectorsToo() async throws {
        let clock = ManualClock()
        let provider = EchoProvider(clock: clock)
        let failed = await #expect(throws: AttemptFailure.self) {
            _ = try await provider.embed(Self.call("echo?fail=429"))
        }
        #expect(failed?.judgement == .failure(.rateLimit))
        let wrong = await #expect(throws: AttemptFailure.self) {
            _ = try await provider.embed(Self.call("echo") { $0.extras["echo"] = ["fly": 1] })
        }
        #expect(wrong?.parameter == "echo")
        let slow = Task { try await provider.embed(Self.call("echo?wait=5000")) }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(5))
        #expect(try await slow.value.vectors.count == 1)
    }

    @Test func longVectorsAreMadeElsewhereAndBounded() async throws {
        let offloading = CountingOffload()
        let provider = EchoProvider(clock: ManualClock(), offloading: offloading)
        _ = try await provider.embed(Self.call("echo"))
        #expect(offloading.works == 0)
        let many = EmbeddingRequest.Input.texts(Array(repeating: "x", count: 2048))
        let made = try await provider.embed(Self.call("echo") { $0.input = many })
        #expect(made.vectors.count == 2048)
        #expect(offloading.works == 1)
        let failure = await #expect(throws: AttemptFailure.self) {
            _ = try await provider.embed(Self.call("echo") { $0.dimensions = 4097 })
        }
        #expect(failure?.parameter == "dimensions")
    }
}
