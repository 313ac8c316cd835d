import AlulaAuth
import AlulaCredentials
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaGateway

/// Secrets are read where they are kept, when they are needed.
@Suite(.timeLimit(.minutes(1)))
struct LoginReaderTests {
    private static let configuration = """
        {models: {providers: {
            literal: {baseUrl: 'http://a/v1', apiKey: 'sk-fake-literal', models: [{id: 'm'}],
                      headers: {'x-team': '${TEAM}', 'x-plain': 'fake-plain'}},
            marked: {baseUrl: 'http://a/v1', apiKey: 'OPENAI_API_KEY', models: [{id: 'm'}]},
            pointed: {baseUrl: 'http://a/v1', apiKey: {source: 'env', provider: 'default', id: 'POINTED'}, models: [{id: 'm'}]},
            local: {baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'ollama-local', models: [{id: 'm'}]},
        }}}
        """
    private static let variables = [
        "TEAM": "fake-team", "OPENAI_API_KEY": "sk-fake-openai", "POINTED": "sk-fake-pointed",
        "GROQ_API_KEY": " sk-fake\n",
    ]
    private static let store = """
        "groq:a":{"type":"api_key","provider":"groq","key":"sk-fake-a"},
        "groq:ref":{"type":"api_key","provider":"groq","keyRef":{"source":"env","provider":"default","id":"POINTED"}},
        "groq:named":{"type":"api_key","provider":"groq","key":"OPENAI_API_KEY"},
        "groq:oauth":{"type":"oauth","provider":"groq","access":"fake-access","refresh":"fake-refresh","expires":1},
        "groq:token":{"type":"token","provider":"groq","token":"fake-token"},
        "ollama:default":{"type":"api_key","provider":"ollama","key":"ollama-local"}
        """

    private static func bench(clock: ManualClock = ManualClock()) throws -> (KeeperBench, LoginReader) {
        let bench = try KeeperBench(configuration, variables: variables)
        try bench.scene.store(store)
        let start = ContinuousClock.now
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint())) {
            start.advanced(by: clock.now.offset)
        }
        return (bench, reader)
    }

    private static func call(_ provider: ProviderID, _ login: Login) -> CallTarget {
        CallTarget(
            FailoverRoute(model: ModelReference(provider: provider, model: "m"), login: login), for: .main,
            until: .after(.seconds(60)))
    }

    @Test func findsEachKindOfKey() async throws {
        let (bench, reader) = try Self.bench()
        defer { withExtendedLifetime(bench) {} }
        let cases: [(ProviderID, Login, String?)] = [
            ("literal", .configuredKey, "sk-fake-literal"), ("marked", .configuredKey, "sk-fake-openai"),
            ("pointed", .configuredKey, "sk-fake-pointed"), ("local", .unneeded, nil),
            ("groq", .environment("GROQ_API_KEY"), "sk-fake"), ("groq", .profile("groq:a"), "sk-fake-a"),
            ("groq", .profile("groq:ref"), "sk-fake-pointed"), ("groq", .profile("groq:named"), "sk-fake-openai"),
            ("groq", .profile("groq:token"), "fake-token"), ("local", .configuredKey, nil),
            ("ollama", .profile("ollama:default"), nil),
        ]
        for (provider, login, secret) in cases {
            let opened = try await reader.open(Self.call(provider, login))
            #expect(opened.secret?.exposed == secret, "\(login)")
        }
        let headers = try await reader.open(Self.call("literal", .configuredKey)).headers
        #expect(
            headers.map { "\($0.name)=\($0.value.exposed)" }.sorted() == ["x-plain=fake-plain", "x-team=fake-team"])
    }

    @Test func tokensOfAccountsAndBearersAreTold() async throws {
        let bench = try KeeperBench(
            """
            {models: {providers: {portal: {baseUrl: 'http://a', api: 'anthropic-messages', authHeader: true,
                apiKey: 'sk-fake-portal', models: [{id: 'm'}]}}}}
            """,
            variables: ["ANTHROPIC_OAUTH_TOKEN": "fake-account", "ANTHROPIC_API_KEY": "sk-fake-key"])
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()))
        let cases: [(ProviderID, Login, OpenedLogin.Form)] = [
            ("portal", .configuredKey, .bearer), ("anthropic", .environment("ANTHROPIC_OAUTH_TOKEN"), .account),
            ("anthropic", .environment("ANTHROPIC_API_KEY"), .key),
        ]
        for (provider, login, form) in cases {
            let opened = try await reader.open(Self.call(provider, login))
            #expect(opened.form == form, "\(login)")
        }
    }

    /// What the owner has every request show, and what then is sent.
    @Test(
        arguments: [
            (
                "{mode: 'authorization-bearer', token: 'fake-proof'}", "fake-proof",
                ["authorization=fake-old", "x-a=fake-request"]
            ),
            (
                "{mode: 'authorization-bearer', token: '${PROOF}'}", "fake-env",
                ["authorization=fake-old", "x-a=fake-request"]
            ),
            (
                "{mode: 'header', headerName: 'x-proof', value: 'fake-proof', prefix: 'Token '}", nil,
                ["x-a=fake-request", "x-proof=Token fake-proof"]
            ),
            ("{mode: 'header', headerName: 'X-A', value: 'fake-proof'}", nil, ["X-A=fake-proof"]),
            ("{mode: 'provider-default'}", "sk-fake-lab", ["authorization=fake-old", "x-a=fake-request"]),
        ] as [(String, String?, [String])])
    func theOwnersProofStandsInPlaceOfLogins(auth: String, secret: String?, headers: [String]) async throws {
        let bench = try KeeperBench(
            """
            {models: {providers: {lab: {baseUrl: 'http://a/v1', apiKey: 'sk-fake-lab', models: [{id: 'm'}],
                headers: {'authorization': 'fake-old'}, request: {auth: \(auth), headers: {'x-a': 'fake-request'}}}}}}
            """, variables: ["PROOF": "fake-env"])
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()))
        let opened = try await reader.open(Self.call("lab", .configuredKey))
        #expect(opened.secret?.exposed == secret)
        #expect(opened.headers.map { "\($0.name)=\($0.value.exposed)" }.sorted() == headers)
        if secret == nil { #expect(opened.hidden.map(\.exposed) == ["fake-proof"]) }
        #expect(opened.transport == nil)
    }

    @Test func theOwnersWayToAProviderIsTold() async throws {
        let bench = try KeeperBench(
            """
            {models: {providers: {lab: {baseUrl: 'http://a/v1', apiKey: 'sk-fake-lab', models: [{id: 'm'}], request: {
                proxy: {mode: 'explicit-proxy', url: 'http://h:1'},
                tls: {ca: 'fake-ca\\nline', cert: 'fake-cert', key: '${TLS_KEY}', passphrase: 'fake-pass'}}}}}}
            """, variables: ["TLS_KEY": "fake\nkey"])
        let reader = bench.loginReader(bench.renewals(ScriptedTokenEndpoint()))
        let transport = try #require(try await reader.open(Self.call("lab", .configuredKey)).transport)
        #expect(transport.proxy?.exposed == "http://h:1")
        #expect(transport.authorities?.exposed == "fake-ca\nline" && transport.certificate?.exposed == "fake-cert")
        #expect(transport.key?.exposed == "fake\nkey" && transport.passphrase?.exposed == "fake-pass")
    }

    @Test func anEditCountsForTheCallsATenthOfASecondLater() async throws {
        let clock = ManualClock()
        let (bench, reader) = try Self.bench(clock: clock)
        _ = try await reader.open(Self.call("groq", .profile("groq:a")))
        try bench.scene.store(#""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake-new"}"#)
        clock.advance(by: .milliseconds(100))
        let opened = try await reader.open(Self.call("groq", .profile("groq:a")))
        #expect(opened.secret?.exposed == "sk-fake-new")
    }

    @Test func whatCantBeOpenedFailsWithoutSecrets() async throws {
        let (bench, reader) = try Self.bench()
        var cases: [(ProviderID, Login)] = [
            ("groq", .profile("groq:none")), ("groq", .profile("groq:oauth")), ("groq", .environment("NOT_SET")),
            ("groq", .configuredKey), ("groq", .ambient("AWS profile")),
        ]
        for (provider, login) in cases {
            let failure = await #expect(throws: AttemptFailure.self) {
                _ = try await reader.open(Self.call(provider, login))
            }
            #expect(failure?.judgement == .failure(.unclassified))
            #expect(failure?.message.contains("fake") == false)
        }
        try bench.scene.write("{ broken sk-fake", to: "state/agents/main/agent/auth-profiles.json")
        cases = [("groq", .profile("groq:a"))]
        for (provider, login) in cases {
            let failure = await #expect(throws: AttemptFailure.self) {
                _ = try await reader.open(Self.call(provider, login))
            }
            #expect(failure?.message.contains("fake") == false)
        }
    }
}
