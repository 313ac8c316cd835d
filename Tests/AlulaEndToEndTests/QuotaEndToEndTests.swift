import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

/// The built gateway asks providers about quotas, which a server on this machine plays, and the built command shows them.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct QuotaEndToEndTests {
    /// A token that names its account, as ChatGPT's do.
    private static let access =
        "fake.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOiB7ImNoYXRncHRfYWNjb3VudF9pZCI6ICJhY2N0LTEifX0.CANARY-signature"

    private static func installation(_ provider: SignInProvider) throws -> Installation {
        let installation = try Installation(
            variables: provider.variables.merging(["ZAI_API_KEY": "CANARY-zai-key"]) { $1 })
        try installation.write(
            "agents/main/agent/auth-profiles.json",
            """
            {"version":1,"profiles":{
             "openai-codex:me":{"type":"oauth","provider":"openai-codex","access":"\(access)","refresh":"CANARY-refresh",
               "expires":4000000000000},
             "anthropic:setup":{"type":"token","provider":"anthropic","token":"CANARY-setup-token"},
             "anthropic:key":{"type":"api_key","provider":"anthropic","key":"CANARY-anthropic-key"},
             "github-copilot:me":{"type":"token","provider":"github-copilot","token":"CANARY-copilot-token"}}}
            """)
        return installation
    }

    @Test func quotasAreAskedForAndShown() async throws {
        let provider = try SignInProvider()
        let installation = try Self.installation(provider)
        let gateway = try await installation.startGateway("--log-level", "trace")
        try await gateway.waitUntilReady()
        // Nobody is asked before somebody wants to know.
        let before = try await installation.alula("status", "--json")
        #expect(try JSONValue.parse(before.output)["usage"] == nil)
        #expect(try await provider.quotasAsked() == 0)

        let client = try await gateway.connect()
        let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<8 {
                group.addTask { try await client.call("usage.status", deadline: .after(.seconds(60))) }
            }
            var answers: [JSONValue] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        #expect(Set(answers.map { $0.text(.compact) }).count == 1)
        let rows = try #require(answers.first?["providers"]?.array)
        #expect(
            rows == [
                [
                    "provider": "anthropic", "displayName": "Claude", "windows": [],
                    "error":
                        "The provider does not tell this login its quota (403); one made for answers alone is not told.",
                ],
                [
                    "provider": "openai-codex", "displayName": "OpenAI (ChatGPT login)",
                    "windows": [
                        ["label": "5h", "usedPercent": 12, "resetAt": 4_000_000_000_000],
                        ["label": "Week", "usedPercent": 95.5],
                    ], "summary": "5.5 credits left", "plan": "plus",
                ],
                [
                    "provider": "github-copilot", "displayName": "Copilot",
                    "windows": [["label": "Premium", "usedPercent": 60]], "plan": .string("of \(Secret.placeholder)"),
                ],
                [
                    "provider": "zai", "displayName": "z.ai", "windows": [],
                    "error": "The provider does not take the login any more (401).",
                ],
            ])
        let status = try await client.call("models.authStatus", deadline: .after(.seconds(60)))
        await client.close()

        let shown = try await installation.alula("status", "--usage")
        #expect(shown.status == 0 && shown.errors.isEmpty)
        #expect(shown.output.contains("95.5 %") && shown.output.contains("plan plus, 5.5 credits left"))
        let document = try await installation.alula("status", "--usage", "--json")
        #expect(try JSONValue.parse(document.output)["usage"]?["providers"]?.array?.count == 4)
        #expect(try await gateway.stop() == .exited(0))
        for text in [
            answers.map { $0.text(.compact) }.joined(), status.text(.compact), shown.output, document.output,
            gateway.logText, installation.read("alula/prepared-auth.json"),
        ] { #expect(!text.contains("CANARY")) }
        // The log says what was not told, and why.
        #expect(gateway.logText.contains("A quota could not be read"))

        let alone = try await installation.alula("status", "--usage")
        #expect(alone.status == 0 && alone.errors.contains("Only a running gateway asks for quotas"))
    }

    /// No setting sends logins elsewhere.
    @Test func aServerElsewherePlaysNobody() async throws {
        let provider = try SignInProvider()
        let installation = try Self.installation(provider)
        let gateway = try await installation.startGateway(more: ["ALULA_LOGIN_SERVER": "http://quota.example:80"])
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let answer = try await client.call("usage.status", deadline: .after(.seconds(60)))
        #expect(answer["providers"] == [])
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
        #expect(gateway.logText.contains("No server but one on this machine may play providers"))
    }
}

extension SignInProvider {
    /// How often somebody asked for a quota.
    func quotasAsked() async throws -> Int {
        let answer = try await get("\(variables["ALULA_LOGIN_SERVER"] ?? "")/families/quotas")
        return try #require(Int(answer.range(after: "\r\n\r\n").prefix { $0.isNumber }))
    }
}
