import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders
import AlulaServer
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

/// Requests to models, from the caller's word for one to the answer, with real settings, stores and records.
@Suite(.timeLimit(.minutes(2)))
struct InferenceDeskTests {
    private static let keys = ["a", "b", "c"].map {
        #""groq:\#($0)":{"type":"api_key","provider":"groq","key":"sk-fake-\#($0)"}"#
    }.joined(separator: ",")

    /// A bench with three keys for Groq, whose API the scripted provider speaks.
    private static func bench(_ configuration: String = "{}", store: String? = nil) async throws -> KeeperBench {
        let bench = try KeeperBench(configuration)
        try bench.scene.store(store ?? keys)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        return bench
    }

    private static func recorder(_ bench: KeeperBench) -> ProfileUsageRecorder {
        ProfileUsageRecorder(
            editor: bench.editor(), scheduler: bench.scheduler, prepared: bench.prepared, states: bench.keeper.source,
            clock: bench.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func desk(
        _ bench: KeeperBench, _ provider: ScriptedProvider, recorder: (any ProfileUsageRecording)? = nil,
        stalls: @escaping @Sendable () -> UInt64 = { 0 }
    ) -> InferenceDesk {
        InferenceDesk(
            driver: bench.driver(
                [.openAICompletions: provider, .alulaEcho: EchoProvider(clock: bench.clock)],
                recorder: recorder ?? Self.recorder(bench), stalls: stalls))
    }

    private static func ask(
        _ desk: InferenceDesk, _ model: String, by caller: RequestCaller = .owner
    ) async throws -> (BegunAnswer, String) {
        var request = InferenceRequest(model: model, messages: [Message(.user, "Hi")], dialect: .openAIChat)
        request.caller = caller
        let begun = try await desk.answer(request, until: .after(.seconds(600)))
        var (stream, text) = (begun.stream, "")
        while let event = try await stream.next() {
            if case .text(let piece) = event { text += piece }
        }
        return (begun, text)
    }

    /// What is kept from one request to the next is put together anew when settings or facts are other ones.
    @Test func newSettingsAndLoginsCountForTheNextRequest() async throws {
        func configuration(_ model: String) -> String {
            "{agents: {defaults: {models: {'groq/\(model)': {alias: 'quick'}}}}}"
        }
        let bench = try await Self.bench(configuration("first"), store: "")
        let provider = ScriptedProvider()
        let desk = Self.desk(bench, provider)
        #expect(await Self.refusal(desk, "quick") != nil)
        try bench.scene.store(Self.keys)
        await bench.scheduler.refresh(.fileChange, dirt: .source(.store(bench.keeper.source.current.context.mainStore)))
        #expect(try await Self.ask(desk, "quick").0.model == ModelReference(provider: "groq", model: "first"))
        try bench.scene.write(configuration("second"), to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        #expect(try await Self.ask(desk, "quick").0.model == ModelReference(provider: "groq", model: "second"))
    }

    /// A key's list counts for what stands in, too: nobody reaches by a failure what may not be asked.
    @Test func aKeyReachesTheModelsOfItsListAlone() async throws {
        let bench = try await Self.bench(
            "{agents: {defaults: {model: {primary: 'alula/echo?fail=503', fallbacks: ['groq/m', 'alula/echo?words=1']}}}}"
        )
        let desk = Self.desk(bench, ScriptedProvider())
        let echo = RequestCaller(keyName: "kids", models: [try #require(ModelPattern("alula/*"))])
        #expect(try await Self.ask(desk, "openclaw").0.model == ModelReference("groq/m"))
        #expect(try await Self.ask(desk, "openclaw", by: echo).0.model == ModelReference("alula/echo?words=1"))
        #expect(try await Self.ask(desk, "alula/echo", by: echo).0.model == ModelReference("alula/echo"))
        let refusal = await Self.refusal(desk, "groq/m", by: echo)
        #expect(refusal?.kind == .notPermitted)
        #expect(refusal?.parameter == "model")
        let none = RequestCaller(keyName: "none", models: [try #require(ModelPattern("openai/*"))])
        #expect(await Self.refusal(desk, "openclaw", by: none)?.kind == .notPermitted)
    }

    private static func refusal(
        _ desk: InferenceDesk, _ model: String, by caller: RequestCaller = .owner
    ) async -> AnswerError? {
        do {
            _ = try await ask(desk, model, by: caller)
            Issue.record("It was answered.")
            return nil
        } catch let error as AnswerError {
            return error
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    // MARK: Which login is asked

    private static func turn(_ desk: InferenceDesk, _ change: (inout InferenceRequest) -> Void) async throws {
        var request = InferenceRequest(model: "groq/m", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        change(&request)
        var stream = try await desk.answer(request, until: .after(.seconds(600))).stream
        while try await stream.next() != nil {}
    }

    /// Turns of one conversation go to one account, which has read the turns before; others take turns.
    @Test func aConversationKeepsItsLoginAsLongAsThatAnswers() async throws {
        let bench = try await Self.bench()
        let provider = ScriptedProvider()
        let desk = Self.desk(bench, provider)
        try await Self.turn(desk) { $0.user = "me" }
        let mine = try #require(provider.calls.first)
        for number in 0..<6 {
            try await Self.turn(desk) { $0.user = number.isMultiple(of: 2) ? "me" : "other-\(number)" }
        }
        #expect(provider.calls.enumerated().allSatisfy { index, call in index.isMultiple(of: 2) || call == mine })
        #expect(Set(provider.calls).count > 1, "Others are spread over the logins.")

        let login = try #require(mine.split(separator: " ").last)
        provider.become([String(login): .fails(status: 429, "Too many requests")])
        try await Self.turn(desk) { $0.user = "me" }
        let next = try #require(provider.calls.last)
        #expect(next != mine)
        provider.become([:])
        try await Self.turn(desk) { $0.user = "me" }
        #expect(provider.calls.last == next, "It stays where it was answered last.")
    }

    @Test func aConversationIsTheOneThatTheCallerNames() {
        var request = InferenceRequest(model: "m", messages: [], dialect: .openAIChat)
        #expect(request.conversation == nil)
        request.user = "user"
        #expect(request.conversation == "user")
        request.extras["prompt_cache_key"] = "cache"
        #expect(request.conversation == "cache")
        request.sessionKey = "session"
        #expect(request.conversation == "session")
        request.sessionKey = ""
        #expect(request.conversation == "cache")
        request.extras["prompt_cache_key"] = .string(String(repeating: "x", count: 513))
        #expect(request.conversation == "user")
    }

    @Test func thoseThatWereQuietLongestAreForgotten() {
        let pins = SessionPins(maximum: 4)
        func key(_ number: Int) -> SessionPins.Key {
            .init(agent: .main, session: "\(number)", provider: "groq")
        }
        for number in 0..<4 { pins.note("groq:a", for: key(number)) }
        pins.note("groq:b", for: key(0))
        pins.note("groq:a", for: key(4))
        #expect(pins[key(0)] == "groq:b")
        #expect(pins[key(4)] == "groq:a")
        #expect(pins[key(1)] == nil)
    }

    // MARK: Which model is meant

    @Test func knowsFullNamesAliasesAndAgents() async throws {
        let bench = try await Self.bench(
            """
            {models: {providers: {lab: {baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions', apiKey: 'sk-fake',
                models: [{id: 'small', name: 'Small'}]}}},
             agents: {defaults: {model: {primary: 'groq/first', fallbacks: ['groq/second']},
                                 models: {'groq/third': {alias: 'quick'}, 'groq/*': {}, 'lab/*': {}, 'alula/*': {}}},
                      list: [{id: 'main'}, {id: 'helper', model: 'groq/mine'}]}}
            """)
        let provider = ScriptedProvider()
        let desk = Self.desk(bench, provider)
        let cases = [
            ("groq/any", "any"), ("Groq/Any", "Any"), ("quick", "third"), ("openclaw", "first"),
            ("openclaw/default", "first"), ("openclaw/helper", "mine"), ("agent:helper", "mine"), ("small", "small"),
            ("groq/first@groq:b", "first"),
        ]
        for (word, model) in cases {
            let (begun, text) = try await Self.ask(desk, word)
            #expect(text == "Hello", "\(word)")
            #expect(begun.model.model.rawValue == model, "\(word)")
            #expect(begun.attempts == 1)
        }
        #expect(provider.calls.last == "first profile:groq:b")
        #expect(provider.calls.contains("small models.json"))
        for word in ["", "  ", "nobody/m", "lab/large", "alula/other", "openclaw/nobody", "agent:nobody", "/", "groq/"]
        {
            let error = await Self.refusal(desk, word)
            #expect(error?.kind == .modelNotFound, "\(word)")
            #expect(error?.parameter == "model")
        }
    }

    @Test func obeysTheAllowList() async throws {
        let bench = try await Self.bench(
            "{agents: {defaults: {model: 'groq/first', modelPolicy: {allow: ['groq/first', 'alula/echo']}}}}")
        let desk = Self.desk(bench, ScriptedProvider())
        _ = try await Self.ask(desk, "groq/first")
        _ = try await Self.ask(desk, "alula/echo?words=1")
        let error = await Self.refusal(desk, "groq/second")
        #expect(error?.kind == .notPermitted)
        #expect(error?.message == "model not allowed: groq/second")
    }

    @Test func saysWhatCantBeAskedYet() async throws {
        let bench = try await Self.bench()
        let desk = Self.desk(bench, ScriptedProvider())
        let error = await Self.refusal(desk, "anthropic/claude-opus-4-6")
        #expect(error?.message.contains("anthropic-messages is not spoken by this version yet") == true)
        let noLogin = await Self.refusal(desk, "mistral/large")
        #expect(noLogin?.message.contains("no login can be used (no_login)") == true)
        #expect(noLogin?.kind == .upstream)
    }

    /// Says how many tokens a request has, or fails.
    private struct Counter: ModelProvider, TokenCounting {
        let count: Int?

        func answer(_ call: ModelCall) async throws -> any AnswerStream {
            throw AttemptFailure(FailureReport(status: 500))
        }

        func countTokens(_ call: ModelCall) async throws -> Int {
            #expect(call.route.login == .profile("groq:a"))
            #expect(call.model == nil && call.baseURL == "https://api.groq.com/openai/v1")
            guard let count else { throw AttemptFailure(FailureReport(status: 404, message: "No such address.")) }
            return count
        }
    }

    @Test func tokensAreCountedByTheProviderOrGuessed() async throws {
        let bench = try await Self.bench()
        func count(_ model: String, _ provider: any ModelProvider) async throws -> TokenCount {
            let request = InferenceRequest(model: model, messages: [Message(.user, "Hi")], dialect: .anthropicMessages)
            let desk = InferenceDesk(
                driver: bench.driver(
                    [.openAICompletions: provider, .alulaEcho: EchoProvider(clock: bench.clock)],
                    recorder: Self.recorder(bench)))
            return try await desk.countTokens(of: request, estimate: 7, until: .after(.seconds(60)))
        }
        #expect(try await count("groq/m", Counter(count: 42)) == TokenCount(42, isEstimate: false))
        #expect(try await count("groq/m", Counter(count: nil)) == TokenCount(7, isEstimate: true))
        #expect(try await count("groq/m", ScriptedProvider()) == TokenCount(7, isEstimate: true))
        #expect(try await count("alula/echo", Counter(count: 42)) == TokenCount(7, isEstimate: true))
        #expect(try await count("mistral/large", Counter(count: 42)) == TokenCount(7, isEstimate: true))
        await #expect(throws: AnswerError.self) { _ = try await count("nobody/m", Counter(count: 42)) }
    }

    /// A variable whose token somebody else keeps fresh opens Anthropic's API, and no other one.
    @Test func tokensInVariablesOpenAnthropicsAPI() async throws {
        let bench = try KeeperBench("{}", variables: ["ANTHROPIC_OAUTH_TOKEN": "fake-account"])
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let provider = ScriptedProvider()
        let desk = InferenceDesk(driver: bench.driver([.anthropicMessages: provider], recorder: Self.recorder(bench)))
        let (begun, text) = try await Self.ask(desk, "anthropic/claude-opus-4-6")
        #expect(text == "Hello")
        #expect(begun.model.provider == "anthropic")
        #expect(provider.calls.count == 1)
    }

    @Test func refusesSeveralAnswersToOneRequest() async throws {
        let bench = try await Self.bench()
        var request = InferenceRequest(model: "alula/echo", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        request.sampling.choiceCount = 2
        let desk = Self.desk(bench, ScriptedProvider())
        let error = await #expect(throws: AnswerError.self) {
            _ = try await desk.answer(request, until: .after(.seconds(60)))
        }
        #expect(error?.parameter == "n")
    }

    // MARK: Failover

    @Test func triesEachKeyAndThenTheFallback() async throws {
        let bench = try await Self.bench(
            "{agents: {defaults: {model: {primary: 'groq/m', fallbacks: ['alula/echo']}}}}")
        let provider = ScriptedProvider([
            "profile:groq:a": .fails(status: 429, "slow down"), "profile:groq:b": .fails(status: 401, "no"),
            "profile:groq:c": .fails(status: 402, "pay"),
        ])
        let desk = Self.desk(bench, provider)
        let (begun, text) = try await Self.ask(desk, "groq/m")
        #expect(provider.calls == ["m profile:groq:a", "m profile:groq:b", "m profile:groq:c"])
        #expect(begun.model == BuiltInModels.test)
        #expect(begun.attempts == 4)
        #expect(text.hasPrefix("Alula's test model repeats"))
    }

    @Test func nobodyStandsInForTheTestModel() async throws {
        let bench = try await Self.bench("{agents: {defaults: {model: {primary: 'groq/m', fallbacks: ['groq/n']}}}}")
        let provider = ScriptedProvider()
        let error = await Self.refusal(Self.desk(bench, provider), "alula/echo?fail=429")
        #expect(error?.kind == .rateLimited)
        #expect(error?.message == "Alula's test model was told to fail with status 429.")
        #expect(provider.calls.isEmpty)
    }

    /// Nothing waits for a file or for a warm: the next request of anybody goes by what the last attempt found.
    @Test func whatAnAttemptFoundCountsForTheNextRequestAtOnce() async throws {
        let bench = try await Self.bench()
        let provider = ScriptedProvider(["profile:groq:a": .fails(status: 429, "slow down")])
        let desk = Self.desk(bench, provider)
        let first = try await Self.ask(desk, "groq/m").0
        #expect(first.attempts == 2)
        let second = try await Self.ask(desk, "groq/m").0
        #expect(second.attempts == 1)
        // Of those that may be used, whoever waited longest is next.
        #expect(provider.calls == ["m profile:groq:a", "m profile:groq:b", "m profile:groq:c"])
        // The limit was one model's.
        _ = try await Self.ask(desk, "groq/other")
        #expect(provider.calls.dropFirst(3).first == "other profile:groq:a")
    }

    @Test func anAnswerThatBreaksOffIsRecordedAndNotTriedAgain() async throws {
        let bench = try await Self.bench()
        let provider = ScriptedProvider(["profile:groq:a": .breaks(status: 429, "slow down")])
        let desk = Self.desk(bench, provider)
        let error = await Self.refusal(desk, "groq/m")
        #expect(error?.kind == .rateLimited)
        #expect(provider.calls.count == 1)
        _ = try await Self.ask(desk, "groq/m")
        #expect(provider.calls.last != "m profile:groq:a")
    }

    @Test func whenAllFailEachIsNamedWithTheSoonestRecovery() async throws {
        let bench = try await Self.bench(
            "{agents: {defaults: {model: {primary: 'groq/m', fallbacks: ['alula/echo?fail=500']}}}}")
        let provider = ScriptedProvider([
            "profile:groq:a": .fails(status: 429, "slow down"), "profile:groq:b": .fails(status: 429, "slow down"),
            "profile:groq:c": .fails(status: 429, "slow down"),
        ])
        let desk = Self.desk(bench, provider)
        let error = await Self.refusal(desk, "groq/m")
        #expect(error?.message.hasPrefix("All models failed (4): groq/m: slow down (rate_limit) | ") == true)
        #expect(error?.message.contains("the first can be used again at ") == true)
        #expect(error?.retryAfter == .seconds(30))
        // All rest now. One is asked all the same, since its rest ends soon, and then nobody for a while.
        let calls = provider.calls.count
        _ = await Self.refusal(desk, "groq/m")
        #expect(provider.calls.count == calls + 1)
        let resting = await Self.refusal(desk, "groq/m")
        #expect(provider.calls.count == calls + 1)
        #expect(resting?.message.contains("every login rests until") == true)
    }

    @Test func errorsOfTheRequestAreNotTriedElsewhere() async throws {
        let bench = try await Self.bench()
        let provider = ScriptedProvider(["m": .fails(status: 400, "messages: wrong")])
        let error = await Self.refusal(Self.desk(bench, provider), "groq/m")
        #expect(error?.kind == .badRequest)
        #expect(provider.calls.count == 1)
    }

    @Test func aStallOfOursIsTriedAgainAndHeldAgainstNobody() async throws {
        let bench = try await Self.bench()
        let stalls = Mutex<UInt64>(0)
        let provider = ScriptedProvider(["m": .isLate], during: { stalls.withLock { $0 += 1 } })
        let recorder = Self.recorder(bench)
        let desk = Self.desk(bench, provider, recorder: recorder, stalls: { stalls.withLock { $0 } })
        _ = await Self.refusal(desk, "groq/m")
        // The same login once more, then the others.
        #expect(provider.calls.prefix(2) == ["m profile:groq:a", "m profile:groq:a"])
        #expect(await recorder.recentUsage(for: .main).values.allSatisfy { $0.unusableUntil() == nil })
    }

    @Test func oddErrorsAreFailuresLikeOthers() async throws {
        let bench = try await Self.bench()
        let provider = ScriptedProvider(["profile:groq:a": .throwsOther, "profile:groq:b": .says([])])
        let (begun, _) = try await Self.ask(Self.desk(bench, provider), "groq/m")
        #expect(begun.attempts == 3)
    }

    // MARK: Explaining

    @Test func explainsWhatARequestWouldMeet() async throws {
        let bench = try await Self.bench(
            """
            {agents: {defaults: {model: {primary: 'groq/m', fallbacks: ['anthropic/claude-opus-4-6']}}}}
            """)
        let provider = ScriptedProvider(["profile:groq:a": .fails(status: 429, "slow down")])
        let desk = Self.desk(bench, provider)
        let before = try await desk.explain("openclaw")
        #expect(
            before.chain.attempts.map { "\($0.route.login)" } == ["profile:groq:a", "profile:groq:b", "profile:groq:c"])
        #expect(before.candidates.map { "\($0.model)" } == ["groq/m", "anthropic/claude-opus-4-6"])
        #expect(before.candidates.last?.exclusion?.isEmpty == false)
        #expect(provider.calls.isEmpty)
        _ = try await Self.ask(desk, "openclaw")
        // What a call found out counts at once.
        let after = try await desk.explain("openclaw")
        #expect(!after.chain.attempts.contains { $0.route.login == .profile("groq:a") })
        let rested = try #require(after.candidates.first?.sources.first { $0.label == "profile:groq:a" })
        guard case .resting(let window) = rested.state else {
            Issue.record("\(rested.state)")
            return
        }
        #expect(window.reason == .rateLimit)
        #expect(provider.calls.count == 2)
        let pinned = try await desk.explain("groq/m@groq:c")
        #expect(pinned.chain.attempts.first?.route.login == .profile("groq:c"))
        await #expect(throws: AnswerError.self) { _ = try await desk.explain("nobody/m") }
    }

    @Test func cancellingEndsTheAttemptAndTriesNothingElse() async throws {
        let bench = try await Self.bench()
        let entered = AsyncStream<Void>.makeStream()
        let provider = ScriptedProvider(["m": .hangs], during: { entered.continuation.yield() })
        let desk = Self.desk(bench, provider)
        let asking = Task { _ = try await Self.ask(desk, "groq/m") }
        for await _ in entered.stream { break }
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        #expect(provider.calls.count == 1)
    }

    @Test func withoutTimeNothingIsTried() async throws {
        let bench = try await Self.bench()
        let provider = ScriptedProvider()
        let request = InferenceRequest(model: "groq/m", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        let desk = Self.desk(bench, provider)
        let error = await #expect(throws: AnswerError.self) {
            _ = try await desk.answer(request, until: .after(.zero))
        }
        #expect(error?.kind == .timeout)
        #expect(provider.calls.isEmpty)
    }
}
