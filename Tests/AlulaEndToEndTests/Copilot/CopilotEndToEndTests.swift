import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

/// GitHub's Copilot behind the built gateway, played by a process on this machine: every dialect that comes in, every one that goes
/// out, and what becomes of the tokens.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CopilotEndToEndTests {
    private static let store = "agents/main/agent/auth-profiles.json"

    private static func isClean(_ text: String) -> Bool { !text.contains("CANARY") }

    /// A gateway with one login for Copilot.
    private static func start(
        _ provider: SignInProvider, token: String = "CANARY-github-good", isStored: Bool = true
    ) async throws -> (Installation, GatewayUnderTest) {
        var variables = provider.variables
        if !isStored { variables["COPILOT_GITHUB_TOKEN"] = token }
        let installation = try Installation(variables: variables)
        if isStored {
            try installation.write(
                store,
                #"{"version":1,"profiles":{"github-copilot:github":{"type":"token","provider":"github-copilot","token":"\#(token)"}}}"#
            )
        }
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        return (installation, gateway)
    }

    private static func ask(
        _ gateway: GatewayUnderTest, _ path: String, _ model: String, _ members: String = "",
        messages: String = #"[{"role":"user","content":"Hi"}]"#
    ) async throws -> String {
        let name = path == "/v1/responses" ? "input" : "messages"
        let body = #"{"model":"github-copilot/\#(model)","\#(name)":\#(messages)\#(members)}"#
        return try await gateway.post(path, body)
    }

    private static func look(_ provider: SignInProvider, at path: String) async throws -> String {
        let answer = try await provider.get((provider.variables["ALULA_LOGIN_SERVER"] ?? "") + path)
        return String(answer.split(separator: "\r\n\r\n").last ?? "")
    }

    @Test(arguments: [true, false])
    func answersInEveryDialectThroughEveryAPI(isStored: Bool) async throws {
        let provider = try SignInProvider()
        let (installation, gateway) = try await Self.start(provider, isStored: isStored)
        let models = [
            ("gpt-4.1", "/chat/completions"), ("gpt-5.5", "/responses"), ("claude-sonnet-4.6", "/v1/messages"),
        ]
        let limit = #","max_tokens":64"#
        for (model, path) in models {
            for isStreamed in [false, true] {
                let stream = #","stream":\#(isStreamed)"#
                for (dialect, members) in [
                    ("/v1/chat/completions", stream), ("/v1/responses", stream), ("/v1/messages", stream + limit),
                ] {
                    let answer = try await Self.ask(gateway, dialect, model, members)
                    #expect(answer.hasPrefix("HTTP/1.1 200"), "\(dialect) \(model): \(answer)")
                    #expect(answer.contains("by user, sees false, through \(path)"), "\(answer)")
                    #expect(answer.lowercased().contains("x-alula-provider: github-copilot"))
                    #expect(answer.contains("event-stream") == isStreamed)
                    #expect(Self.isClean(answer))
                }
            }
        }
        // All of it with one pass.
        #expect(try await Self.look(provider, at: "/copilot/exchanges") == "1")
        let explained = try await installation.alula("models", "explain", "github-copilot/claude-sonnet-4.6", "--json")
        #expect(explained.output.contains("anthropic-messages"))
        #expect(!explained.output.contains("not spoken"))
        #expect(Self.isClean(explained.output + gateway.logText))
        #expect(try await gateway.stop() == .exited(0))
        // Passes are in memory alone.
        let found = try await installation.shell("grep -rl CANARY-pass '\(installation.home)' || true")
        #expect(found.output == "")
    }

    @Test func tellsWhomARequestGoesByAndWhatItShows() async throws {
        let provider = try SignInProvider()
        let (_, gateway) = try await Self.start(provider)
        let image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        let shown = try await Self.ask(
            gateway, "/v1/chat/completions", "gpt-5.5",
            messages:
                #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(image)"}}]}]"#
        )
        #expect(shown.contains("by user, sees true, through /responses"), "\(shown)")
        let tools = """
            [{"role":"user","content":"Hi"},
             {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"t","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"r"},{"type":"text","text":"Go on."}]}]
            """
        let going = try await Self.ask(
            gateway, "/v1/messages", "claude-sonnet-4.6",
            #","max_tokens":64,"tools":[{"name":"t","input_schema":{"type":"object"}}]"#, messages: tools)
        #expect(going.contains("by agent, sees false, through /v1/messages"), "\(going)")
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test func manyAtOnceCostOneExchange() async throws {
        let provider = try SignInProvider()
        let (_, gateway) = try await Self.start(provider)
        func askAll() async throws -> Int {
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await Self.ask(
                            gateway, "/v1/chat/completions", number % 2 == 0 ? "gpt-5.5" : "gpt-4.1",
                            #","stream":\#(number % 4 < 2)"#)
                    }
                }
                return try await group.reduce(0) { $0 + ($1.contains("by user, sees false") ? 1 : 0) }
            }
        }
        #expect(try await askAll() == 40)
        #expect(try await Self.look(provider, at: "/copilot/exchanges") == "1")
        // The pass ends before its time: it is exchanged once more, and no caller hears of it.
        #expect(try await Self.look(provider, at: "/copilot/revoke") == "revoked")
        #expect(try await askAll() == 40)
        #expect(try await Self.look(provider, at: "/copilot/exchanges") == "2")
        // And again at once: that is no question of passes, so that GitHub is left alone.
        #expect(try await Self.look(provider, at: "/copilot/revoke") == "revoked")
        let refused = try await Self.ask(gateway, "/v1/chat/completions", "gpt-5.5")
        #expect(refused.hasPrefix("HTTP/1.1 502"), "\(refused)")
        #expect(refused.contains("[secret] is no pass"))
        #expect(Self.isClean(refused + gateway.logText))
        #expect(try await Self.look(provider, at: "/copilot/exchanges") == "2")
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test func whatGitHubSaysReachesTheCallerAndTheStatus() async throws {
        let provider = try SignInProvider()
        let (installation, gateway) = try await Self.start(provider, token: "CANARY-github-unpaid")
        let refused = try await Self.ask(gateway, "/v1/chat/completions", "gpt-5.5")
        #expect(refused.hasPrefix("HTTP/1.1 402"), "\(refused)")
        #expect(refused.contains("No access to GitHub Copilot found for [secret]"))
        for _ in 0..<5 { _ = try await Self.ask(gateway, "/v1/chat/completions", "gpt-5.5") }
        #expect(try await Self.look(provider, at: "/copilot/exchanges") == "1")
        let status = try await installation.alula("models", "status", "--json")
        #expect(status.output.contains("billing_disabled"), "\(status.output)")
        #expect(status.output.contains("No access to GitHub Copilot found for [secret]"))
        #expect(gateway.logText.contains("A login gets no token from its provider"))
        #expect(Self.isClean(refused + status.output + status.errors + gateway.logText))
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test func aBadTokenIsCalledOne() async throws {
        let provider = try SignInProvider()
        let (_, gateway) = try await Self.start(provider, token: "CANARY-github-bad", isStored: false)
        let refused = try await Self.ask(gateway, "/v1/messages", "claude-sonnet-4.6", #","max_tokens":64"#)
        #expect(refused.hasPrefix("HTTP/1.1 502"), "\(refused)")
        #expect(refused.contains("Bad credentials"))
        #expect(Self.isClean(refused + gateway.logText))
        #expect(try await gateway.stop() == .exited(0))
    }

    /// From nothing to an answer: a code that is typed, a login that is stored, a pass that it is exchanged for.
    @Test func whoSignsInIsAnswered() async throws {
        let provider = try SignInProvider()
        let installation = try Installation(variables: provider.variables)
        let program = try provider.login(
            installation, ["models", "auth", "login", "--provider", "github-copilot", "--json"])
        let said = try await program.said { $0.contains("FAKE-2000") }
        let page = SignInProvider.address(in: said)
        #expect(page.hasSuffix("/login/device"))
        #expect(try await provider.get("\(page)?FAKE-2000").hasSuffix("typed"))
        let end = try await program.end()
        #expect(end.status == .exited(0), "\(end.errors)")
        #expect(try JSONValue.parse(end.output)["profileId"] == "github-copilot:github")
        #expect(Self.isClean(end.output + end.errors))
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let answer = try await Self.ask(gateway, "/v1/messages", "claude-sonnet-4.6", #","max_tokens":64"#)
        #expect(answer.contains("by user, sees false, through /v1/messages"), "\(answer)")
        #expect(try await gateway.stop() == .exited(0))
    }

    /// A login is sent to nobody but the provider and, where one is named, a server of this machine.
    @Test func aServerElsewhereIsSentNothing() async throws {
        let installation = try Installation(variables: [
            "ALULA_LOGIN_SERVER": "http://sign.example:80", "COPILOT_GITHUB_TOKEN": "CANARY-github-good",
        ])
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let refused = try await Self.ask(gateway, "/v1/chat/completions", "gpt-5.5")
        #expect(!refused.hasPrefix("HTTP/1.1 200"))
        #expect(refused.contains("ALULA_LOGIN_SERVER"), "\(refused)")
        #expect(Self.isClean(refused + gateway.logText))
        #expect(try await gateway.stop() == .exited(0))
    }
}
