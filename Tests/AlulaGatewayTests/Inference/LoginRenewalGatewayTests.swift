import AlulaAuth
import AlulaCredentials
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaSystem
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

/// OAuth logins from the request that needs one to the status that tells of it.
@Suite(.timeLimit(.minutes(2)))
struct LoginRenewalGatewayTests {
    private static func login(
        refresh: String = "fake-refresh", ends: Int64 = 1_779_999_000_000, provider: String = "chutes"
    ) -> String {
        #"{"type":"oauth","provider":"\#(provider)","access":"fake-access","refresh":"\#(refresh)","expires":\#(ends),"#
            + #""clientId":"fake-client"}"#
    }

    private static func bench(_ store: String, _ configuration: String = "{}") async throws -> KeeperBench {
        let bench = try KeeperBench(configuration)
        try bench.scene.store(store)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        return bench
    }

    private static func call(_ profile: ProfileID) -> CallTarget {
        CallTarget(
            FailoverRoute(
                model: ModelReference(provider: "chutes", model: "m"), login: .profile(profile)), for: .main,
            until: .after(.seconds(60)))
    }

    private static func ask(_ bench: KeeperBench, _ provider: ScriptedProvider, _ model: String) async throws {
        let desk = InferenceDesk(driver: bench.driver([.openAICompletions: provider]))
        let request = InferenceRequest(model: model, messages: [Message(.user, "Hi")], dialect: .openAIChat)
        _ = try await desk.answer(request, until: .after(.seconds(60)))
    }

    @Test func aRequestGetsATokenThatIsGoodNow() async throws {
        let bench = try await Self.bench(#""chutes:me":\#(Self.login())"#)
        let endpoint = ScriptedTokenEndpoint()
        let reader = bench.loginReader(bench.renewals(endpoint))
        for _ in 0..<3 {
            let opened = try await reader.open(Self.call("chutes:me"))
            #expect(opened.secret?.exposed == "fake-access-1")
        }
        #expect(endpoint.asked == ["fake-refresh"])
        #expect(try bench.scene.read("state/agents/main/agent/auth-profiles.json").contains("fake-refresh-1"))
    }

    /// Whatever the store says about its end, a token that was refused is no good.
    @Test func aTokenThatWasRefusedIsRenewed() async throws {
        let bench = try await Self.bench(#""chutes:me":\#(Self.login(ends: 1_780_009_000_000))"#)
        let endpoint = ScriptedTokenEndpoint()
        let reader = bench.loginReader(bench.renewals(endpoint))
        let opened = try await reader.open(Self.call("chutes:me"))
        #expect(opened.secret?.exposed == "fake-access")
        #expect(endpoint.asked.isEmpty)
        let renewal = try #require(opened.renewal)
        // Two requests that were refused at once cost one exchange.
        for _ in 0..<2 {
            let renewed = try await renewal()
            #expect(renewed.secret?.exposed == "fake-access-1")
        }
        #expect(endpoint.asked == ["fake-refresh"])
        #expect(try await reader.open(Self.call("chutes:me")).secret?.exposed == "fake-access-1")
    }

    @Test func oAuthLoginsServeWhereTheirTokenIsTakenAsAKey() async throws {
        let ends: Int64 = 1_780_009_000_000
        let bench = try await Self.bench(
            #""chutes:me":\#(Self.login(ends: ends)),"openai:me":\#(Self.login(ends: ends, provider: "openai"))"#,
            "{models: {providers: {openai: {baseUrl: 'https://api.openai.com/v1', api: 'openai-completions', models: [{id: 'm'}]}}}}"
        )
        let provider = ScriptedProvider()
        try await Self.ask(bench, provider, "chutes/m")
        #expect(provider.calls == ["m profile:chutes:me"])
        // OpenAI's own API takes keys only.
        let error = await #expect(throws: AnswerError.self) { try await Self.ask(bench, provider, "openai/m") }
        #expect(error?.message.contains("can't be used for requests by this version yet") == true)
    }

    /// ChatGPT's accounts are asked where they are known, under their names; a key opens nothing there.
    @Test func accountsOfChatGPTHaveAnAPIOfTheirOwn() async throws {
        let token = "fake.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOiB7ImNoYXRncHRfYWNjb3VudF9pZCI6ICJhY2N0LTEifX0.fake"
        let login =
            #"{"type":"oauth","provider":"openai-codex","access":"\#(token)","refresh":"fake-r","expires":1780009000000}"#
        let bench = try await Self.bench(
            #""openai-codex:me":\#(login),"openai-codex:key":{"type":"api_key","provider":"openai-codex","key":"sk-fake"}"#
        )
        let provider = ScriptedProvider()
        let desk = InferenceDesk(driver: bench.driver([.openAIChatGPTResponses: provider]))
        let request = InferenceRequest(
            model: "openai-codex/gpt-5.5", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        _ = try await desk.answer(request, until: .after(.seconds(60)))
        #expect(provider.calls == ["gpt-5.5 profile:openai-codex:me"])
        let opened = try await bench.loginReader(bench.renewals(ScriptedTokenEndpoint())).open(
            CallTarget(
                FailoverRoute(
                    model: ModelReference(provider: "openai-codex", model: "gpt-5.5"),
                    login: .profile("openai-codex:me")), for: .main, until: .after(.seconds(60))))
        #expect(opened.account == "acct-1")
        #expect(opened.secret?.exposed == token)
    }

    /// What a renewal ran into is told where people look, until the login has another token.
    @Test(.bug(id: "B31"), .bug(id: "B38")) func aFailureIsInTheStatusUntilTheLoginIsAnother() async throws {
        let bench = try await Self.bench(#""chutes:me":\#(Self.login())"#)
        let endpoint = ScriptedTokenEndpoint()
        endpoint.fail(RenewalFailure(.refused, "the provider refused the refresh token (invalid_grant)"))
        let warnings = Mutex(0)
        let journal = RenewalJournal(
            scheduler: bench.scheduler,
            logger: Logger(label: "test") { _ in WarningCounter { warnings.withLock { $0 += 1 } } })
        let reader = bench.loginReader(bench.renewals(endpoint, journal: journal))
        #expect(Self.answer(bench)?.isAvailable == true)
        for _ in 0..<3 {
            let failure = await #expect(throws: AttemptFailure.self) {
                _ = try await reader.open(Self.call("chutes:me"))
            }
            #expect(failure?.message.contains("could not be renewed: the provider refused the refresh token") == true)
            #expect(failure?.message.contains("fake") == false)
        }
        #expect(endpoint.asked.count == 1)
        #expect(warnings.withLock { $0 } == 1)
        try await bench.warms { _ in Self.answer(bench)?.isAvailable == false }
        let answer = try #require(Self.answer(bench))
        #expect(answer.reasonCode == "refresh_failed")
        #expect(answer.reason == "refresh failed: the provider refused the refresh token (invalid_grant)")
        #expect(answer.until == nil)
        #expect(answer.remedy?.isEmpty == false)
        let profile = try #require(Self.profile(bench))
        #expect(profile.status == .expired)
        #expect(profile.payload["refreshError"]?["code"] == "refresh_refused")
        // A person signs in again, with whatever program.
        try bench.scene.store(#""chutes:me":\#(Self.login(refresh: "fake-other", ends: 1_780_009_000_000))"#)
        await bench.scheduler.refresh(.fileChange, dirt: .everything)
        #expect(Self.answer(bench)?.isAvailable == true)
        #expect(Self.profile(bench)?.renewalTrouble == nil)
        #expect(try await reader.open(Self.call("chutes:me")).secret?.exposed == "fake-access")
    }

    @Test func aFailureThatMayPassSaysUntilWhenAndEnds() async throws {
        let bench = try await Self.bench(#""chutes:me":\#(Self.login())"#)
        let endpoint = ScriptedTokenEndpoint()
        endpoint.fail(RenewalFailure(.unreachable, "nobody answered"))
        let journal = RenewalJournal(
            scheduler: bench.scheduler, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let reader = bench.loginReader(bench.renewals(endpoint, journal: journal))
        await #expect(throws: AttemptFailure.self) { _ = try await reader.open(Self.call("chutes:me")) }
        try await bench.warms { _ in Self.answer(bench)?.isAvailable == false }
        #expect(Self.answer(bench)?.until == bench.now.advanced(by: .seconds(5)))
        #expect(Self.answer(bench, at: bench.now.advanced(by: .seconds(5)))?.isAvailable == true)
    }

    /// Somebody else's login is read and used, and that is all.
    @Test(.bug(id: "B51")) func anotherToolsLoginIsNeverRenewed() async throws {
        let bench = try KeeperBench("{}")
        let path = try bench.scene.write(
            #"{"tokens":{"access_token":"fake-a","refresh_token":"fake-r","account_id":"acct"},"last_refresh":"2020-01-01T00:00:00Z"}"#,
            to: ".codex/auth.json")
        let before = try BlockingContext.permit { try FileIdentity.of(path) }
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let endpoint = ScriptedTokenEndpoint()
        let reader = bench.loginReader(bench.renewals(endpoint))
        await #expect(throws: AttemptFailure.self) { _ = try await reader.open(Self.call("openai:default")) }
        await #expect(throws: AnswerError.self) { try await Self.ask(bench, ScriptedProvider(), "openai/m") }
        #expect(endpoint.asked == [])
        #expect(try BlockingContext.permit { try FileIdentity.of(path) } == before)
    }

    // MARK: Status

    private static func reader(_ bench: KeeperBench, at now: Timestamp? = nil) -> AuthReader? {
        bench.prepared.current.map { AuthReader($0, now: now ?? bench.now) }
    }

    private static func answer(_ bench: KeeperBench, at now: Timestamp? = nil) -> ProviderAnswer? {
        reader(bench, at: now)?.answer(for: "chutes")
    }

    private static func profile(_ bench: KeeperBench) -> AuthStatusReport.Profile? {
        reader(bench).flatMap { AuthHealth($0).profiles(of: "chutes").first }
    }
}

/// Counts what an operator would see.
private struct WarningCounter: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning
    let count: @Sendable () -> Void

    init(_ count: @escaping @Sendable () -> Void) { self.count = count }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { count() }
}
