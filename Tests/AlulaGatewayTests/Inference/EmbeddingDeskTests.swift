import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders
import AlulaServer
import AlulaTestSupport
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

/// Requests for vectors, from the caller's word for a model to the vectors, with real settings, stores and records.
@Suite(.timeLimit(.minutes(2)))
struct EmbeddingDeskTests {
    /// A provider with vectors that fails as a test says, by login, and remembers who was asked.
    private final class ScriptedVectors: ModelProvider, EmbeddingProviding {
        private let failures: [String: FailureReport]
        private let asked = Mutex<[String]>([])
        private let hangs: Bool
        private let clock = ManualClock()

        init(_ failures: [String: FailureReport] = [:], hangs: Bool = false) {
            self.failures = failures
            self.hangs = hangs
        }

        var calls: [String] { asked.withLock { $0 } }

        func answer(_ call: ModelCall) async throws -> any AnswerStream {
            throw AttemptFailure(FailureReport(status: 500))
        }

        func embed(_ call: EmbeddingCall) async throws -> EmbeddingAnswer {
            let route = call.target.route
            asked.withLock { $0.append("\(route.model.model) \(route.login)") }
            if hangs { try await clock.sleep(for: .seconds(1)) }
            if let failure = failures["\(route.login)"] { throw AttemptFailure(failure) }
            return EmbeddingAnswer([EmbeddingVector([1, 2])].compactMap { $0 }, inputTokens: 3)
        }

        func isAsked() async { await clock.sleepers(atLeast: 1) }
    }

    private static let keys = ["a", "b"].map {
        #""groq:\#($0)":{"type":"api_key","provider":"groq","key":"sk-fake-\#($0)"}"#
    }.joined(separator: ",")

    private static let configuration = """
        {models: {providers: {
            lab: {baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions', apiKey: 'sk-fake',
                  models: [{id: 'maker/emb'}]},
            talk: {baseUrl: 'http://127.0.0.1:9', api: 'anthropic-messages', apiKey: 'sk-fake', models: [{id: 'emb'}]}}},
         agents: {defaults: {model: {primary: 'groq/emb', fallbacks: ['groq/other', 'talk/emb', 'lab/maker/emb']}}}}
        """

    private static func desk(
        _ provider: ScriptedVectors, use: @escaping @Sendable (UsageRecord) -> Void = { _ in },
        _ body: (InferenceDesk, ProfileUsageRecorder) async throws -> Void
    ) async throws {
        let bench = try KeeperBench(configuration)
        try bench.scene.store(keys)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let recorder = ProfileUsageRecorder(
            editor: bench.editor(), scheduler: bench.scheduler, prepared: bench.prepared, states: bench.keeper.source,
            clock: bench.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let desk = InferenceDesk(
            driver: bench.driver(
                [
                    .openAICompletions: provider, .anthropicMessages: ScriptedProvider(),
                    .alulaEcho: EchoProvider(clock: bench.clock),
                ], recorder: recorder, use: use))
        try await body(desk, recorder)
    }

    private static func request(_ model: String) -> EmbeddingRequest {
        EmbeddingRequest(model: model, input: .texts(["Hi"]))
    }

    private static func refusal(_ desk: InferenceDesk, _ model: String) async -> AnswerError? {
        await #expect(throws: AnswerError.self) {
            _ = try await desk.embed(request(model), until: .after(.seconds(600)))
        }
    }

    @Test func theNextLoginIsTriedAndTheFirstRests() async throws {
        let provider = ScriptedVectors(["profile:groq:a": FailureReport(status: 429, message: "slow")])
        try await Self.desk(provider) { desk, recorder in
            let made = try await desk.embed(Self.request("groq/emb"), until: .after(.seconds(600)))
            #expect(made.attempts == 2)
            #expect(made.model == ModelReference(provider: "groq", model: "emb"))
            #expect(made.answer.vectors.map(\.values) == [[1, 2]])
            #expect(provider.calls == ["emb profile:groq:a", "emb profile:groq:b"])
            #expect(await recorder.recentUsage(for: .main)["groq:a"]?.unusableUntil() != nil)
        }
    }

    /// Vectors of two models can't be compared, so only the same model elsewhere stands in.
    @Test func onlyTheSameModelStandsIn() async throws {
        let pay = FailureReport(status: 402, message: "pay")
        let provider = ScriptedVectors(["profile:groq:a": pay, "profile:groq:b": pay])
        try await Self.desk(provider) { desk, _ in
            let made = try await desk.embed(Self.request("groq/emb"), until: .after(.seconds(600)))
            #expect(made.model == ModelReference(provider: "lab", model: "maker/emb"))
            #expect(made.attempts == 3)
            #expect(provider.calls.last == "maker/emb models.json")
        }
    }

    @Test func whoIsPassedOverIsNamedWithTheReason() async throws {
        let pay = FailureReport(status: 402, message: "pay")
        let provider = ScriptedVectors(["profile:groq:a": pay, "profile:groq:b": pay, "models.json": pay])
        try await Self.desk(provider) { desk, _ in
            let error = await Self.refusal(desk, "openclaw")
            #expect(error?.kind == .billing)
            #expect(error?.message.contains("groq/other: another model's vectors mean something else") == true)
            #expect(error?.message.contains("talk/emb: anthropic-messages has no embeddings here") == true)
            #expect(provider.calls.count == 3)
        }
    }

    @Test func aModelWhoseKindHasNoneIsTheCallersMistake() async throws {
        try await Self.desk(ScriptedVectors()) { desk, _ in
            let error = await Self.refusal(desk, "talk/emb")
            #expect(error?.kind == .badRequest)
            #expect(error?.parameter == "model")
            #expect(await Self.refusal(desk, "nobody/m")?.kind == .modelNotFound)
        }
    }

    @Test func aMistakeInTheRequestIsTriedNowhereElse() async throws {
        let provider = ScriptedVectors(["profile:groq:a": FailureReport(status: 400, message: "`dimensions`: no")])
        try await Self.desk(provider) { desk, _ in
            #expect(await Self.refusal(desk, "groq/emb")?.kind == .badRequest)
            #expect(provider.calls.count == 1)
        }
    }

    @Test func theTestModelMakesVectorsToo() async throws {
        try await Self.desk(ScriptedVectors()) { desk, _ in
            let made = try await desk.embed(Self.request("alula/echo"), until: .after(.seconds(600)))
            #expect(made.model == BuiltInModels.test)
            #expect(made.answer.vectors.map(\.values.count) == [64])
            #expect(await Self.refusal(desk, "alula/echo?fail=429")?.kind == .rateLimited)
        }
    }

    @Test func whatVectorsTakeIsTakenDown() async throws {
        let records = Mutex<[UsageRecord]>([])
        let provider = ScriptedVectors(["profile:groq:a": FailureReport(status: 429, message: "slow")])
        try await Self.desk(provider, use: { record in records.withLock { $0.append(record) } }) { desk, _ in
            _ = try await desk.embed(Self.request("groq/emb"), until: .after(.seconds(600)))
            _ = await Self.refusal(desk, "alula/echo?fail=429")
        }
        let taken = records.withLock { $0 }
        #expect(taken.map(\.outcome) == [.completed, .failed("rate_limited")])
        #expect(taken.allSatisfy { $0.operation == .embeddings })
        #expect(taken.first?.tokens.input == 3)
        #expect(taken.first?.attempts == 2)
        #expect(taken.first?.profile == "groq:b")
    }

    @Test func whoLeavesIsNoFailure() async throws {
        let provider = ScriptedVectors(hangs: true)
        try await Self.desk(provider) { desk, _ in
            let asking = Task { try await desk.embed(Self.request("groq/emb"), until: .after(.seconds(600))) }
            await provider.isAsked()
            asking.cancel()
            await #expect(throws: CancellationError.self) { _ = try await asking.value }
            #expect(provider.calls.count == 1)
        }
    }
}
