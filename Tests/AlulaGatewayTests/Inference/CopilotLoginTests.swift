import AlulaAuth
import AlulaCredentials
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaTestSupport
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

/// A GitHub login from the request that needs it to the pass that is sent.
@Suite(.timeLimit(.minutes(1)))
struct CopilotLoginTests {
    private static let variables = ["COPILOT_GITHUB_TOKEN": "ghu_fakevariable"]
    private static let store = """
        "github-copilot:github":{"type":"token","provider":"github-copilot","token":"ghu_fakestored"},
        "github-copilot:key":{"type":"api_key","provider":"github-copilot","key":"ghu_fakekey"},
        "github-copilot:pi":{"type":"oauth","provider":"github-copilot","access":"tid=fake","refresh":"ghu_f","expires":1780009000000}
        """

    private static func bench(_ configuration: String = "{}") throws -> KeeperBench {
        let bench = try KeeperBench(configuration, variables: variables)
        try bench.scene.store(store)
        return bench
    }

    private static func call(_ login: Login, _ provider: ProviderID = "github-copilot") -> CallTarget {
        CallTarget(
            FailoverRoute(model: ModelReference(provider: provider, model: "gpt-5.5"), login: login), for: .main,
            until: .after(.seconds(60)))
    }

    @Test(arguments: [
        (Login.profile("github-copilot:github"), "ghu_fakestored"), (.profile("github-copilot:key"), "ghu_fakekey"),
        (.environment("COPILOT_GITHUB_TOKEN"), "ghu_fakevariable"),
    ])
    func theStoredTokenIsExchangedAndNeverSent(login: Login, stored: String) async throws {
        let bench = try Self.bench()
        let endpoint = ScriptedPassEndpoint()
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint)
        for _ in 0..<3 {
            let opened = try await reader.open(Self.call(login))
            #expect(opened.secret?.exposed == "fake-pass-1")
            #expect(opened.form == .bearer)
            #expect(opened.baseURL == "https://api.lab.example")
            #expect(opened.headers.isEmpty)
            #expect(opened.hidden.map(\.exposed) == [stored])
            #expect(
                opened.introduction?.map { "\($0.name): \($0.value)" } == [
                    "editor-version: alula/1.2.3", "editor-plugin-version: alula/1.2.3",
                    "copilot-integration-id: vscode-chat", "openai-intent: conversation-edits",
                ])
        }
        #expect(endpoint.asked == [stored])
    }

    /// Other programs keep the pass itself, as if it were an OAuth login's access token.
    @Test func aStoredPassIsUsedAsItIs() async throws {
        let bench = try Self.bench()
        let endpoint = ScriptedPassEndpoint()
        let opened = try await bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint).open(
            Self.call(.profile("github-copilot:pi")))
        #expect(opened.secret?.exposed == "tid=fake")
        #expect(opened.introduction?.isEmpty == false)
        #expect(endpoint.asked == [])
    }

    @Test func twoLoginsHaveAPassEach() async throws {
        let bench = try Self.bench()
        let endpoint = ScriptedPassEndpoint()
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint)
        let logins: [Login] = [.profile("github-copilot:github"), .environment("COPILOT_GITHUB_TOKEN")]
        var given: [String] = []
        for login in logins + logins { given.append(try await reader.open(Self.call(login)).secret?.exposed ?? "") }
        #expect(given == ["fake-pass-1", "fake-pass-2", "fake-pass-1", "fake-pass-2"])
    }

    @Test func aRefusedPassIsExchangedOnceMore() async throws {
        let bench = try Self.bench()
        let endpoint = ScriptedPassEndpoint()
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint)
        let target = Self.call(.profile("github-copilot:github"))
        let renewal = try #require(try await reader.open(target).renewal)
        for _ in 0..<3 { #expect(try await renewal().secret?.exposed == "fake-pass-2") }
        #expect(try await reader.open(target).secret?.exposed == "fake-pass-2")
        #expect(endpoint.asked.count == 2)
        // What was given in its place is refused as well.
        let again = try #require(try await renewal().renewal)
        let failure = await #expect(throws: AttemptFailure.self) { _ = try await again() }
        #expect(failure?.judgement == .failure(.auth))
        #expect(endpoint.asked.count == 2)
    }

    @Test func whatGitHubSaysIsTheAttemptsFailure() async throws {
        let bench = try Self.bench()
        let endpoint = ScriptedPassEndpoint()
        endpoint.fail(
            PassFailure(.billing, "The provider gives no token for this login: No access. (403)", status: 403))
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint)
        for _ in 0..<3 {
            let failure = await #expect(throws: AttemptFailure.self) {
                _ = try await reader.open(Self.call(.profile("github-copilot:github")))
            }
            #expect(
                failure
                    == AttemptFailure(
                        judgement: .failure(.billing),
                        message: "The provider gives no token for this login: No access. (403)", status: 403))
        }
        #expect(endpoint.asked.count == 1)
    }

    /// Whoever says where the API is, or what to show it, is believed.
    @Test(arguments: [
        ("{baseUrl: 'https://copilot.lab.example', models: [{id: 'gpt-5.5'}]}", "fake-pass-1", nil as String?, true),
        ("{api: 'openai-responses', models: [{id: 'gpt-5.5'}]}", "fake-pass-1", "https://api.lab.example", true),
        (
            "{baseUrl: 'http://127.0.0.1:9', request: {auth: {mode: 'authorization-bearer', token: 'fake-own'}}, models: [{id: 'm'}]}",
            "fake-own", nil, false
        ),
    ])
    func theOwnersWordCounts(settings: String, secret: String, base: String?, isTold: Bool) async throws {
        let bench = try Self.bench("{models: {providers: {'github-copilot': \(settings)}}}")
        let endpoint = ScriptedPassEndpoint()
        let opened = try await bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint).open(
            Self.call(.environment("COPILOT_GITHUB_TOKEN")))
        #expect(opened.secret?.exposed == secret)
        #expect(opened.baseURL == base)
        #expect((opened.introduction != nil) == isTold)
        #expect(endpoint.asked.isEmpty == !isTold)
    }

    @Test func anotherNameForCopilotIsCopilot() async throws {
        let bench = try Self.bench(
            """
            {models: {providers: {work: {baseUrl: 'https://copilot.lab.example', api: 'github-copilot', apiKey: 'ghu_fakework',
                models: [{id: 'gpt-5.5'}]}}}}
            """)
        let endpoint = ScriptedPassEndpoint()
        let opened = try await bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: endpoint).open(
            Self.call(.configuredKey, "work"))
        #expect(opened.secret?.exposed == "fake-pass-1")
        #expect(endpoint.asked == ["ghu_fakework"])
    }

    /// What GitHub says is told where people look, until it gives a pass.
    @Test(arguments: [
        (FailureReason.billing, "refresh_refused", nil as Duration?, Duration.seconds(600)),
        (.timeout, "refresh_unreachable", .seconds(5), .seconds(5)),
    ])
    func aFailureIsInTheStatusUntilItIsOver(
        reason: FailureReason, code: String, shown: Duration?, rest: Duration
    ) async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.store(
            #""github-copilot:github":{"type":"token","provider":"github-copilot","token":"ghu_fakestored"}"#)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let endpoint = ScriptedPassEndpoint()
        endpoint.fail(PassFailure(reason, "The provider gives no token for this login: No access. (403)"))
        let journal = RenewalJournal(
            scheduler: bench.scheduler, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let time = Mutex(bench.now)
        let reader = bench.loginReader(
            bench.renewals(ScriptedTokenEndpoint()), passes: endpoint, journal: journal, at: { time.withLock { $0 } })
        let target = Self.call(.profile("github-copilot:github"))
        #expect(Self.answer(bench)?.isAvailable == true)
        await #expect(throws: AttemptFailure.self) { _ = try await reader.open(target) }
        try await bench.warms { _ in Self.answer(bench)?.isAvailable == false }
        let answer = try #require(Self.answer(bench))
        #expect(answer.reason == "refresh failed: the provider gives no token for this login: No access. (403)")
        #expect(answer.until == shown.map { bench.now.advanced(by: $0) })
        #expect(answer.remedy?.contains("alula models auth login --provider github-copilot") == true)
        let profile = try #require(
            bench.prepared.current.flatMap {
                AuthHealth(AuthReader($0, now: bench.now)).profiles(of: "github-copilot").first
            })
        #expect(profile.payload["refreshError"]?["code"] == .string(code))
        // It is asked for all the same once it has rested, and then nothing is wrong any more.
        let provider = ScriptedProvider()
        let desk = InferenceDesk(driver: bench.driver([.openAIResponses: provider]))
        let request = InferenceRequest(
            model: "github-copilot/gpt-5.5", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        _ = try await desk.answer(request, until: .after(.seconds(60)))
        #expect(provider.calls == ["gpt-5.5 profile:github-copilot:github"])
        endpoint.fail(nil)
        time.withLock { $0 = $0.advanced(by: rest) }
        #expect(try await reader.open(target).secret?.exposed == "fake-pass-2")
        try await bench.warms { _ in Self.answer(bench)?.isAvailable == true }
    }

    private static func answer(_ bench: KeeperBench) -> ProviderAnswer? {
        bench.prepared.current.flatMap { AuthReader($0, now: bench.now).answer(for: "github-copilot") }
    }

    /// It can't read them later, so they would be refused.
    @Test func thoughtsOfEarlierTurnsStayHere() async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.store(Self.store)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let provider = Listener()
        let desk = InferenceDesk(driver: bench.driver([.openAIResponses: provider]))
        let thought = Message.Part.reasoning(.init(text: "Hm.", encrypted: "fake"))
        let talk = [
            Message(.user, "Hi"), Message(.assistant, [thought, .text("Ho")]), Message(.user, "And?"),
            Message(.assistant, [thought, .toolCall(.init(id: "c", name: "t", arguments: "{}"))]),
            Message(.tool, [.toolResult(.init(callID: "c", parts: [.text("r")]))]),
        ]
        let request = InferenceRequest(
            model: "github-copilot/gpt-5.5", messages: talk, dialect: .openAIResponses)
        _ = try await desk.answer(request, until: .after(.seconds(60)))
        let sent = try #require(provider.heard.withLock { $0.first })
        #expect(sent == [talk[0], Message(.assistant, "Ho")] + talk[2...])
    }
}

/// Answers, and keeps what it was told.
private final class Listener: ModelProvider {
    let heard = Mutex<[[Message]]>([])
    private let provider = ScriptedProvider()

    func answer(_ call: ModelCall) async throws -> any AnswerStream {
        heard.withLock { $0.append(call.request.messages) }
        return try await provider.answer(call)
    }
}
