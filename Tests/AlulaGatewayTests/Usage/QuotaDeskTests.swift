import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaTestSupport
import Testing

@testable import AlulaGateway

/// Who is asked about quotas, how often, and what is served of the answers.
@Suite(.timeLimit(.minutes(2)))
struct QuotaDeskTests {
    private static let caller = Caller(
        connectionID: "c", client: nil, role: .operator, scopes: [.admin], isDirectLocal: true, version: .four)

    /// Good for hours on the bench's clock.
    private static let ends: Int64 = 1_780_009_000_000

    private static func account(_ provider: String, _ access: String = "fake-access") -> String {
        #""\#(provider):me":{"type":"oauth","provider":"\#(provider)","access":"\#(access)","refresh":"fake-refresh","#
            + #""expires":\#(ends)}"#
    }

    private static func token(_ provider: String) -> String {
        #""\#(provider):token":{"type":"token","provider":"\#(provider)","token":"fake-token"}"#
    }

    private static func key(_ provider: String) -> String {
        #""\#(provider):key":{"type":"api_key","provider":"\#(provider)","key":"sk-fake"}"#
    }

    private static func bench(
        _ store: String, _ configuration: String = "{}", variables: [String: String] = [:]
    ) async throws -> KeeperBench {
        let bench = try KeeperBench(configuration, variables: variables)
        try bench.scene.store(store)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        return bench
    }

    private static func quota(_ percent: Double) -> ProviderQuota {
        ProviderQuota(windows: [ProviderQuota.Window("5h", usedPercent: percent)].compactMap(\.self), plan: "pro")
    }

    private static func failure(_ words: String, retryAfter: Duration? = nil) -> AttemptFailure {
        AttemptFailure(judgement: .failure(.unclassified), message: words, retryAfter: retryAfter)
    }

    // MARK: Who is asked

    @Test func everyLoginThatHasAQuotaIsAskedAboutOnce() async throws {
        let bench = try await Self.bench(
            [
                Self.account("anthropic"), Self.token("anthropic"), Self.account("openai-codex"),
                Self.account("openai"),
                Self.token("github-copilot"), Self.key("groq"),
            ].joined(separator: ","), variables: ["ZAI_API_KEY": "sk-fake-zai", "OPENAI_API_KEY": "sk-fake"])
        let endpoint = ScriptedQuotaEndpoint()
        let report = await bench.quotas(endpoint).report()
        #expect(
            report.rows.map(\.displayName) == ["Claude", "OpenAI (ChatGPT login)", "OpenAI", "Copilot", "z.ai"])
        let asked = Dictionary(grouping: endpoint.asked, by: \.provider).mapValues { $0.map { "\($0.login)" } }
        #expect(
            asked == [
                "anthropic": ["profile:anthropic:me"], "openai-codex": ["profile:openai-codex:me"],
                "openai": ["profile:openai:me"], "github-copilot": ["profile:github-copilot:token"],
                "zai": ["env: ZAI_API_KEY"],
            ])
        let urls = Set(endpoint.asked.map(\.url))
        #expect(urls.count == 4 && urls.allSatisfy { $0.hasPrefix("https://") })
    }

    @Test(
        arguments: [
            // What is paid for by use, and tokens that are for other things as well.
            (key("anthropic"), "{}", ["ANTHROPIC_API_KEY": "sk-fake"]), (key("openai-codex"), "{}", [:]),
            (token("openai"), "{}", ["OPENAI_API_KEY": "sk-fake"]), ("", "{}", ["GH_TOKEN": "fake"]),
            // Logins for servers of somebody else.
            (
                account("anthropic"),
                "{models: {providers: {anthropic: {baseUrl: 'https://proxy.example', models: [{id: 'm'}]}}}}", [:]
            ),
            (
                "", "{models: {providers: {zai: {baseUrl: 'http://127.0.0.1:9/v4', models: [{id: 'm'}]}}}}",
                ["ZAI_API_KEY": "sk-fake"]
            ),
            // What every request shows is not the login.
            (
                account("anthropic"),
                """
                {models: {providers: {anthropic: {baseUrl: 'https://api.anthropic.com', models: [{id: 'm'}],
                    request: {auth: {mode: 'authorization-bearer', token: 'fake-proof'}}}}}}
                """, [:]
            ),
            // An end that is past.
            (
                #""anthropic:old":{"type":"oauth","provider":"anthropic","access":"fake","expires":1}"#, "{}", [:]
            ),
            (account("anthropic"), "{auth: {order: {anthropic: []}}}", [:]), ("", "{}", [:]),
        ] as [(String, String, [String: String])])
    func nobodyElseIs(store: String, configuration: String, variables: [String: String]) async throws {
        let bench = try await Self.bench(store, configuration, variables: variables)
        let endpoint = ScriptedQuotaEndpoint()
        let report = await bench.quotas(endpoint).report()
        #expect(report.rows.isEmpty && endpoint.asked.isEmpty)
        #expect(report.at == bench.now)
    }

    /// When the allowance is used up is when people want to know.
    @Test func aLoginThatRestsIsAskedAbout() async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.write(
            """
            {"version":1,"profiles":{\(Self.account("anthropic"))},"usageStats":{"anthropic:me":
              {"cooldownUntil":1780000600000,"cooldownReason":"rate_limit","errorCount":1}}}
            """, to: "state/agents/main/agent/auth-profiles.json")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let endpoint = ScriptedQuotaEndpoint()
        #expect(await bench.quotas(endpoint).report().rows.map(\.provider) == ["anthropic"])
    }

    // MARK: How often

    @Test func whoAsksMeanwhileSharesTheAnswer() async throws {
        let bench = try await Self.bench(Self.account("anthropic"))
        let endpoint = ScriptedQuotaEndpoint()
        endpoint.answer("anthropic", .success(Self.quota(7)))
        endpoint.hold()
        let desk = bench.quotas(endpoint)
        let reports = await withTaskGroup(of: QuotaReport.self) { group in
            for _ in 0..<20 { group.addTask { await desk.report() } }
            await endpoint.asked(1)
            endpoint.release()
            var reports: [QuotaReport] = []
            for await report in group { reports.append(report) }
            return reports
        }
        #expect(endpoint.asked.count == 1)
        #expect(Set(reports).count == 1)
        #expect(reports.first?.rows.first?.answer == .known(Self.quota(7)))
    }

    @Test func anAnswerCountsForAMinute() async throws {
        let bench = try await Self.bench(Self.account("anthropic") + "," + Self.account("openai-codex"))
        let endpoint = ScriptedQuotaEndpoint()
        endpoint.answer("anthropic", .success(Self.quota(7)))
        let desk = bench.quotas(endpoint)
        let first = await desk.report()
        bench.clock.advance(by: .milliseconds(59_999))
        endpoint.answer("anthropic", .success(Self.quota(8)))
        #expect(await desk.report() == first)
        #expect(first.at == bench.now)
        #expect(endpoint.asked.count == 2)
        bench.clock.advance(by: .milliseconds(1))
        let second = await desk.report()
        #expect(second.rows.first?.answer == .known(Self.quota(8)))
        #expect(second.at == bench.now.advanced(by: .seconds(60)))
        #expect(endpoint.asked.count == 4)
    }

    @Test(
        arguments: [
            (nil, 15_000), (.seconds(3), 15_000), (.seconds(90), 90_000), (.seconds(86_400), 600_000),
        ] as [(Duration?, Int64)])
    func aFailureCountsForAShorterTimeUnlessTheProviderWantsMore(wish: Duration?, rest: Int64) async throws {
        let bench = try await Self.bench(Self.account("anthropic"))
        let endpoint = ScriptedQuotaEndpoint()
        endpoint.answer("anthropic", .failure(Self.failure("Not now.", retryAfter: wish)))
        let desk = bench.quotas(endpoint)
        #expect(await desk.report().rows.map(\.answer) == [.failed("Not now.")])
        endpoint.answer("anthropic", .success(Self.quota(1)))
        bench.clock.advance(by: .milliseconds(rest - 1))
        #expect(await desk.report().rows.map(\.answer) == [.failed("Not now.")])
        #expect(endpoint.asked.count == 1)
        bench.clock.advance(by: .milliseconds(1))
        #expect(await desk.report().rows.map(\.answer) == [.known(Self.quota(1))])
    }

    @Test func oneThatFailsOrHangsKeepsNobodyFromTheOthers() async throws {
        let bench = try await Self.bench(Self.account("anthropic") + "," + Self.account("openai-codex"))
        let endpoint = ScriptedQuotaEndpoint()
        endpoint.answer("anthropic", .failure(Self.failure("It broke.")))
        endpoint.answer("openai-codex", .success(Self.quota(2)))
        let answers = await bench.quotas(endpoint).report().rows.map(\.answer)
        #expect(answers == [.failed("It broke."), .known(Self.quota(2))])
        // One that never answers is let go of.
        endpoint.hold()
        var policy = QuotaDesk.Policy()
        policy.patience = .milliseconds(50)
        let late = await bench.quotas(endpoint, policy: policy).report().rows.map(\.answer)
        #expect(late == Array(repeating: .failed("The provider did not say its quota in time."), count: 2))
        endpoint.release()
    }

    /// Another login under the same name is asked about at once.
    @Test func anotherLoginIsAnotherQuestion() async throws {
        let bench = try await Self.bench(Self.account("anthropic"))
        let endpoint = ScriptedQuotaEndpoint()
        let desk = bench.quotas(endpoint)
        _ = await desk.report()
        try bench.scene.store(Self.account("anthropic", "fake-other"))
        await bench.scheduler.refresh(.request, dirt: .everything)
        _ = await desk.report()
        #expect(endpoint.asked.count == 2)
        try bench.scene.store("")
        await bench.scheduler.refresh(.request, dirt: .everything)
        #expect(await desk.report().rows.isEmpty)
        #expect(await desk.known().isEmpty)
    }

    // MARK: What is served

    private static let shape: JSONValue = [
        "updatedAt": "int",
        "providers": [
            [
                "provider": "string", "displayName": "string",
                "windows": [["label": "string", "usedPercent": "int", "resetAt?": "int"]], "summary?": "string",
                "plan?": "string", "error?": "string",
            ]
        ],
    ]

    @Test func servesWhatClientsOfTheReferenceRead() async throws {
        let bench = try await Self.bench(Self.account("anthropic") + "," + Self.account("openai-codex"))
        let endpoint = ScriptedQuotaEndpoint()
        let reset = Timestamp(milliseconds: 1_780_003_600_000)
        let windows = [ProviderQuota.Window("5h", usedPercent: 12, resetAt: reset)].compactMap(\.self)
        endpoint.answer("anthropic", .success(ProviderQuota(windows: windows, plan: "max", summary: "all good")))
        endpoint.answer("openai-codex", .failure(Self.failure("It broke.")))
        let operations = bench.operations(quotas: bench.quotas(endpoint))
        let payload = try await operations.quotas(Self.caller)
        #expect(Shape(value: Self.shape).differences(in: payload).isEmpty)
        #expect(
            payload == [
                "updatedAt": .number(bench.now.milliseconds),
                "providers": [
                    [
                        "provider": "anthropic", "displayName": "Claude",
                        "windows": [["label": "5h", "usedPercent": 12, "resetAt": 1_780_003_600_000]],
                        "summary": "all good", "plan": "max",
                    ],
                    [
                        "provider": "openai-codex", "displayName": "OpenAI (ChatGPT login)", "windows": [],
                        "error": "It broke.",
                    ],
                ],
            ])
    }

    /// What is known already is shown with the logins, and nobody is asked for it.
    // upstream: 10.7 5, 10.7 8
    @Test func theStatusOfLoginsHasWhatIsKnown() async throws {
        let bench = try await Self.bench(
            Self.account("openai-codex") + "," + Self.key("zai"),
            "{agents: {list: [{id: 'main'}, {id: 'work'}]}}")
        let endpoint = ScriptedQuotaEndpoint()
        endpoint.answer("openai-codex", .success(Self.quota(7)))
        let operations = bench.operations(quotas: bench.quotas(endpoint))
        func usage(of provider: JSONValue = "openai-codex", _ agent: AgentID? = nil) async throws -> JSONValue? {
            let status = try await operations.authStatus(AuthStatusQuery(caller: Self.caller, agentID: agent))
            let rows = try #require(status["providers"]?.array)
            #expect(!rows.isEmpty)
            let row = try #require(rows.first { $0["provider"] == provider })
            return row["usage"]
        }
        #expect(try await usage() == nil)
        #expect(endpoint.asked.isEmpty)
        _ = try await operations.quotas(Self.caller)
        let count = endpoint.asked.count
        let expected: JSONValue = ["windows": [["label": "5h", "usedPercent": 7]], "plan": "pro"]
        #expect(try await usage() == expected)
        #expect(try await usage(.main) == expected)
        // A key's is in the other answer alone.
        #expect(try await usage(of: "zai") == nil)
        // The other agent may well have another login.
        #expect(try await usage("work") == nil)
        bench.clock.advance(by: .seconds(60))
        #expect(try await usage() == nil)
        #expect(endpoint.asked.count == count)
        // What could not be read is no part of it, and hides nothing.
        endpoint.answer("openai-codex", .failure(Self.failure("It broke.")))
        _ = try await operations.quotas(Self.caller)
        #expect(try await usage() == nil)
    }

    /// The same way to the secret as a request for a model has.
    @Test func aLoginThatIsDueIsRenewedFirst() async throws {
        let bench = try await Self.bench(
            #""openai-codex:me":{"type":"oauth","provider":"openai-codex","access":"fake-old","refresh":"fake-refresh","expires":1}"#
        )
        let tokens = ScriptedTokenEndpoint()
        let reader = bench.loginReader(bench.renewals(tokens))
        let desk = bench.quotas(OpeningEndpoint(logins: reader))
        #expect(await desk.report().rows.map(\.answer) == [.known(ProviderQuota(plan: "fake-access-1"))])
        #expect(tokens.asked == ["fake-refresh"])
        // One that can't be renewed says so.
        let broken = try await Self.bench(
            #""openai-codex:me":{"type":"oauth","provider":"openai-codex","access":"fake-old","refresh":"fake-refresh","expires":1}"#
        )
        let refusing = ScriptedTokenEndpoint()
        refusing.fail(RenewalFailure(.refused, "the provider refused the refresh token"))
        let other = broken.quotas(OpeningEndpoint(logins: broken.loginReader(broken.renewals(refusing))))
        #expect(
            await other.report().rows.map(\.answer) == [
                .failed("The login could not be renewed: the provider refused the refresh token.")
            ])
    }

    /// GitHub knows the account by what is stored, and not by the pass that opens models.
    @Test func noPassIsAskedForAQuota() async throws {
        let bench = try await Self.bench(Self.token("github-copilot"))
        let passes = ScriptedPassEndpoint()
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()), passes: passes)
        let desk = bench.quotas(OpeningEndpoint(logins: reader.ofAccounts))
        #expect(await desk.report().rows.map(\.answer) == [.known(ProviderQuota(plan: "fake-token"))])
        #expect(passes.asked.isEmpty)
    }

    /// Opens the login, and says what it is.
    private struct OpeningEndpoint: QuotaEndpoint {
        let logins: LoginReader

        func quota(_ question: QuotaQuestion, until deadline: Deadline) async throws -> ProviderQuota {
            let login = try await logins.open(
                CallTarget(
                    FailoverRoute(
                        model: ModelReference(provider: question.provider, model: ""), login: question.login),
                    for: question.agent, until: deadline))
            return ProviderQuota(plan: login.secret?.exposed)
        }
    }

    @Test(
        arguments: [
            ([:], 5), (["ALULA_LOGIN_SERVER": " "], 5), (["ALULA_LOGIN_SERVER": "http://127.0.0.1:8080"], 5),
            (["ALULA_LOGIN_SERVER": "https://quota.example"], nil), (["ALULA_LOGIN_SERVER": "http://10.0.0.1:80"], nil),
        ] as [([String: String], Int?)])
    func onlyAServerOnThisMachineMayPlayProviders(variables: [String: String], count: Int?) {
        #expect(QuotaTable.inForce { variables[$0] }?.entries.count == count)
    }
}
