import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders
import AlulaServer
import Synchronization
import Testing

@testable import AlulaGateway

/// What a gateway takes down of requests to models, however they end.
@Suite(.timeLimit(.minutes(2)))
struct RequestMeterTests {
    private static let configuration = """
        {models: {providers: {groq: {models: [{id: 'm', name: 'M', cost: {input: 1, output: 2}}]}}},
         agents: {list: [{id: 'main'}, {id: 'helper', model: 'groq/m'}]}}
        """

    /// Requests, and the records that they leave behind.
    private struct Scene {
        let bench: KeeperBench
        let provider: ScriptedProvider
        let desk: InferenceDesk
        let records = AsyncStream<UsageRecord>.makeStream()

        init(_ provider: ScriptedProvider) async throws {
            let keys = ["a", "b"].map {
                #""groq:\#($0)":{"type":"api_key","provider":"groq","key":"sk-fake-\#($0)"}"#
            }
            bench = try KeeperBench(RequestMeterTests.configuration)
            try bench.scene.store(keys.joined(separator: ","))
            await bench.keeper.start()
            _ = await bench.nextEnded()
            self.provider = provider
            let records = records.continuation
            desk = InferenceDesk(
                driver: bench.driver(
                    [.openAICompletions: provider, .alulaEcho: EchoProvider(clock: bench.clock)],
                    use: { records.yield($0) }))
        }

        func begin(_ model: String) async throws -> BegunAnswer {
            let request = InferenceRequest(
                model: model, messages: [Message(.user, "CANARY")], dialect: .anthropicMessages)
            return try await desk.answer(request, until: .after(.seconds(600)))
        }

        /// Asks, and reads the answer to its end or its failure.
        func ask(_ model: String) async -> AnswerError? {
            do {
                var stream = try await begin(model).stream
                while try await stream.next() != nil {}
                return nil
            } catch {
                return error as? AnswerError
            }
        }

        func next() async throws -> UsageRecord {
            var iterator = records.stream.makeAsyncIterator()
            return try #require(await iterator.next())
        }
    }

    private static let usage = InferenceEvent.usage(TokenUsage(input: 100, output: 10, cacheRead: 40))

    @Test func aWholeAnswerIsTakenDown() async throws {
        let scene = try await Scene(ScriptedProvider(["m": .says([.text("Hi"), .finished(.stop), Self.usage])]))
        #expect(await scene.ask("openclaw/helper") == nil)
        let record = try await scene.next()
        #expect(record.model == ModelReference(provider: "groq", model: "m"))
        #expect(record.profile == "groq:a" && record.agent == "helper" && record.apiKey == nil)
        #expect(record.operation == .answer(.anthropicMessages))
        #expect(record.outcome == .completed && record.attempts == 1)
        #expect(record.tokens == UsageTokens(input: 60, output: 10, cacheRead: 40))
        // What is read from a cache has no price here.
        #expect(record.cost == nil && !record.isIncomplete)
        #expect(record.endedAt == scene.bench.now && record.duration >= .zero)
    }

    @Test func theLoginThatAnsweredIsTheOne() async throws {
        let scene = try await Scene(
            ScriptedProvider([
                "profile:groq:a": .fails(status: 500, "down"),
                "profile:groq:b": .says([.text("Hi"), .usage(TokenUsage(input: 5, output: 1)), .finished(.stop)]),
            ]))
        #expect(await scene.ask("groq/m") == nil)
        let record = try await scene.next()
        #expect(record.profile == "groq:b" && record.attempts == 2)
        #expect(record.cost == UsageCost(input: 5000, output: 2000))
    }

    @Test func whatNobodyAnsweredIsTakenDownOnce() async throws {
        let scene = try await Scene(ScriptedProvider(["m": .fails(status: 429, "slow down")]))
        let error = try #require(await scene.ask("groq/m"))
        let record = try await scene.next()
        #expect(record.outcome == .failed(ServerEvents.outcome(error.kind)))
        #expect(ServerEvents.modelOutcomes.contains(ServerEvents.outcome(error.kind)))
        #expect(record.cost == UsageCost() && record.attempts == 2)
        // Both rest now, and so the next one asks nobody.
        #expect(await scene.ask("alula/echo") == nil)
        #expect(try await scene.next().model == BuiltInModels.test)
    }

    @Test func anAnswerThatBreaksOffIsAFailure() async throws {
        let scene = try await Scene(ScriptedProvider(["m": .breaks(status: 502, "gone")]))
        #expect(await scene.ask("groq/m") != nil)
        let record = try await scene.next()
        // A gateway between that gives up counts as one that is late.
        #expect(record.outcome == .failed("timeout"))
        #expect(record.isIncomplete && record.cost == nil)
        let silent = try await Scene(ScriptedProvider(["m": .says([.text("Hi")])]))
        #expect(await silent.ask("groq/m") == nil)
        #expect(try await silent.next().outcome == .failed("upstream"))
    }

    @Test func aCallerWhoLetsGoIsTakenDown() async throws {
        let scene = try await Scene(
            ScriptedProvider([
                "m": .says([.usage(TokenUsage(input: 100, output: 1)), .text("a"), .text("b"), .finished(.stop)])
            ]))
        try await {
            var stream = try await scene.begin("groq/m").stream
            _ = try await stream.next()
        }()
        let record = try await scene.next()
        #expect(record.outcome == .cancelled && record.isIncomplete)
        #expect(record.cost == UsageCost(input: 100_000, output: 2000))
    }

    /// What came last is not thrown away with the connection of somebody who has it all.
    @Test func aCallerWhoLeavesAfterTheEndHasAWholeAnswer() async throws {
        let scene = try await Scene(ScriptedProvider(["m": .says([.text("a"), Self.usage, .finished(.stop)])]))
        try await {
            var stream = try await scene.begin("groq/m").stream
            while let event = try await stream.next() {
                if case .finished = event { break }
            }
        }()
        let record = try await scene.next()
        #expect(record.outcome == .completed && !record.isIncomplete)
    }

    @Test func aCallWithoutAnAnswerYetIsCancelled() async throws {
        let scene = try await Scene(ScriptedProvider(["m": .hangs]))
        let task = Task { await scene.ask("groq/m") }
        while scene.provider.calls.isEmpty { await Task.yield() }
        task.cancel()
        _ = await task.value
        let record = try await scene.next()
        #expect(record.outcome == .cancelled && record.cost == UsageCost() && record.attempts == 1)
    }
}
