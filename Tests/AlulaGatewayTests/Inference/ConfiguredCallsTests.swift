import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Synchronization
import Testing

@testable import AlulaGateway

/// What the configuration adds to calls, as a provider gets them.
@Suite(.timeLimit(.minutes(1)))
struct ConfiguredCallsTests {
    /// Keeps what it is asked.
    private final class Listener: ModelProvider {
        private let heard = Mutex<[ModelCall]>([])

        func answer(_ call: ModelCall) async throws -> any AnswerStream {
            heard.withLock { $0.append(call) }
            throw AttemptFailure(FailureReport(status: 400, message: "heard"))
        }

        var last: ModelCall? { heard.withLock(\.last) }
    }

    private static func text(temperature: Double) -> String {
        """
        {models: {providers: {
          lab: {baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-fake-lab', timeoutSeconds: 30, maxTokens: 77, params: {topK: 1, topP: 0.1, maxTokens: 10, extra_body: {a: 1}},
            models: [{id: 'm', params: {topP: 0.2}}, {id: 'long', maxTokens: 99}]},
          openrouter: {apiKey: 'sk-fake-or', params: {provider: {order: ['x']}}}}},
         agents: {defaults: {model: 'lab/m', params: {maxTokens: 20, provider: {sort: 'price'}},
            models: {'lab/m': {params: {temperature: \(temperature), chat_template_kwargs: {think: false}}}, 'lab/*': {params: {topK: 9}}}},
          entries: {main: {default: true}, terse: {params: {maxTokens: 5}, models: {'lab/m': {params: {extraBody: {b: 2}}}}}}}}
        """
    }

    private static func bench() async throws -> (KeeperBench, Listener, InferenceDesk) {
        let (bench, listener) = (try KeeperBench(text(temperature: 0.7)), Listener())
        await bench.keeper.start()
        _ = await bench.nextEnded()
        return (bench, listener, InferenceDesk(driver: bench.driver([.openAICompletions: listener])))
    }

    private static func ask(
        _ desk: InferenceDesk, _ model: String, _ change: (inout InferenceRequest) -> Void = { _ in }
    ) async {
        var request = InferenceRequest(model: model, messages: [Message(.user, "Hi")], dialect: .openAIChat)
        change(&request)
        // What it heard is what counts.
        _ = try? await desk.answer(request, until: .after(.seconds(600)))
    }

    @Test func theClosestLayerCountsKeyByKey() async throws {
        let (bench, listener, desk) = try await Self.bench()
        await Self.ask(desk, "lab/m")
        let plain = try #require(listener.last)
        #expect(
            plain.request.sampling
                == SamplingOptions(temperature: 0.7, topP: 0.2, topK: 1, maximumOutputTokens: 20))
        #expect(.object(plain.target.members) == ["a": 1, "chat_template_kwargs": ["think": false]] as JSONValue)
        await Self.ask(desk, "openclaw/terse")
        let terse = try #require(listener.last)
        #expect(terse.request.sampling.maximumOutputTokens == 5 && terse.request.sampling.temperature == 0.7)
        #expect(.object(terse.target.members) == ["b": 2, "chat_template_kwargs": ["think": false]] as JSONValue)
        await Self.ask(desk, "openrouter/auto")
        let routed = try #require(listener.last)
        #expect(.object(routed.target.members) == ["provider": ["sort": "price"]] as JSONValue)
        withExtendedLifetime(bench) {}
    }

    @Test func whatTheCallerSaidStays() async throws {
        let (bench, listener, desk) = try await Self.bench()
        await Self.ask(desk, "lab/m") {
            $0.sampling = SamplingOptions(temperature: 0, topP: 1, topK: 7, maximumOutputTokens: 3)
        }
        #expect(
            listener.last?.request.sampling
                == SamplingOptions(temperature: 0, topP: 1, topK: 7, maximumOutputTokens: 3))
        withExtendedLifetime(bench) {}
    }

    @Test func aProvidersLimitCountsForModelsWithoutOne() async throws {
        let (bench, listener, desk) = try await Self.bench()
        await Self.ask(desk, "lab/m")
        #expect(listener.last?.model?.maximumOutput == 77)
        await Self.ask(desk, "lab/long")
        #expect(listener.last?.model?.maximumOutput == 99)
        withExtendedLifetime(bench) {}
    }

    @Test func aProvidersTimeBoundsEachOfItsCalls() async throws {
        let (bench, listener, desk) = try await Self.bench()
        await Self.ask(desk, "lab/m")
        let call = try #require(listener.last)
        #expect(call.target.isTimed && call.deadline.remaining <= .seconds(30))
        await Self.ask(desk, "openrouter/auto")
        let other = try #require(listener.last)
        #expect(other.route.model.provider == "openrouter" && !other.target.isTimed)
        withExtendedLifetime(bench) {}
    }

    /// A login that would not be shown is neither tried nor blamed.
    @Test func whereTheOwnerSaysWhatIsShownNoLoginIsTried() async throws {
        let bench = try KeeperBench(
            """
            {models: {providers: {groq: {request: {auth: {mode: 'header', headerName: 'x-proof', value: 'fake-proof'}}}}}}
            """, variables: ["GROQ_API_KEY": "sk-fake-groq"])
        try bench.scene.store(#""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake-a"}"#)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let desk = InferenceDesk(driver: bench.driver([.openAICompletions: Listener()]))
        let chain = try await desk.explain("groq/m").chain
        #expect(chain.attempts.map(\.route.login) == [.configuredKey])
        withExtendedLifetime(bench) {}
    }

    @Test func aChangeCountsForTheNextRequest() async throws {
        let (bench, listener, desk) = try await Self.bench()
        await Self.ask(desk, "lab/m")
        try bench.scene.write(Self.text(temperature: 0.2), to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        await Self.ask(desk, "lab/m")
        #expect(listener.last?.request.sampling.temperature == 0.2)
    }
}
