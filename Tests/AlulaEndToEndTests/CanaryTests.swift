import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

/// Plants one secret of each kind and searches everything that leaves the process.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CanaryTests {
    /// Each is unique, so that a find names the leak.
    static let canaries = [
        "CANARY-env-4f1a", "CANARY-config-77b2", "CANARY-header-c3d9", "CANARY-store-key-0a11",
        "CANARY-store-token-be42", "CANARY-oauth-access-9c03", "CANARY-oauth-refresh-51ee", "CANARY-codex-access-d001",
        "CANARY-codex-refresh-d002", "CANARY-helper-e710", "CANARY-file-f820", "CANARY-dotenv-a930",
        "CANARY-adc-key-b240", "CANARY-aws-key-c350", "CANARY-claude-d460", "CANARY-gh-e570", "CANARY-envvars-f680",
        "CANARY-device-a790", "CANARY-typed-b8b0", "CANARY-typed-offline-b8b1",
    ]

    @Test func noPlantedSecretLeavesTheProcess() async throws {
        let installation = try Installation(variables: ["OPENAI_API_KEY": "CANARY-env-4f1a"])
        try Self.plant(in: installation)
        let gateway = try await installation.startGateway("--log-level", "trace")
        let client = try await gateway.connect()
        var seen: [(place: String, text: String)] = []
        for (method, parameters) in [
            ("health", [:]), ("status", [:]), ("models.list", ["view": "all"]), ("models.status", [:]),
            ("models.status", ["agentId": "work"]), ("models.authStatus", [:]),
            ("models.authStatus", ["refresh": true]),
            ("agents.list", [:]), ("secrets.reload", [:]), ("device.pair.list", [:]),
            ("device.token.revoke", ["deviceId": "node-device", "role": "node"]),
        ] as [(String, JSONValue)] {
            let answer = try await client.call(method, parameters, deadline: .after(.seconds(30)))
            seen.append((method, answer.text(.compact)))
        }
        for method in ["config.get", "config.schema", "nosuch.method", "secrets.resolve"] {
            do {
                seen.append((method, try await client.call(method, [:], deadline: .after(.seconds(10))).text(.compact)))
            } catch {
                seen.append((method, "\(error)"))
            }
        }
        for path in ["/healthz", "/readyz", "/metrics", "/v1/models"] {
            seen.append((path, try await gateway.http(path, bearer: gateway.token.exposed)))
        }
        for arguments in [
            ["models", "status"], ["models", "status", "--json"], ["models", "list", "--all"],
            ["models", "auth", "list"],
            ["doctor"], ["status"], ["health", "--json"], ["config", "get", "models"], ["config", "validate"],
            ["config", "set", "env.vars.TYPED", "CANARY-typed-b8b0"],
            ["config", "get", "secrets"], ["config", "get", "env"], ["config", "get"], ["devices"],
            ["devices", "list", "--json"],
        ] {
            let result = try await installation.alulaList(arguments)
            seen.append((arguments.joined(separator: " "), result.output + result.errors))
        }
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
        for arguments in [
            ["models", "status", "--json"], ["doctor"], ["devices", "list", "--json"],
            ["config", "set", "env.vars.TYPED", "CANARY-typed-offline-b8b1"],
        ] {
            let result = try await installation.alulaList(arguments)
            seen.append(("offline " + arguments.joined(separator: " "), result.output + result.errors))
        }
        seen.append(("log", gateway.logText))
        let audit = installation.read("logs/config-audit.jsonl")
        #expect(audit.split(separator: "\n").count == 2)
        seen.append(("audit", audit))
        seen.append(("snapshot", installation.read("alula/prepared-auth.json")))
        #expect(installation.read("alula/prepared-auth.json").contains("facts"))
        for (place, text) in seen {
            for canary in Self.canaries { #expect(!text.contains(canary), "\(canary) is in \(place)") }
            #expect(!text.contains(gateway.token.exposed), "the gateway's token is in \(place)")
        }
    }

    /// Puts each of them where such a secret is found.
    static func plant(in installation: Installation) throws {
        try installation.write(
            "devices/paired.json",
            #"{"node-device":{"publicKey":"key","roles":["node"],"tokens":{"node":{"token":"CANARY-device-a790"}}}}"#)
        try installation.write(
            "openclaw.json",
            """
            // The gateway once had CANARY-config-77b2, and a helper CANARY-envvars-f680.
            {agents:{list:[{id:'main'},{id:'work'}]}, ui:{note:'once CANARY-config-77b2'},
             env:{vars:{SOME_SECRET:'CANARY-envvars-f680'}},
             secrets:{providers:{
               vault:{source:'exec',command:'\(installation.state)/helper.sh'},
               disk:{source:'file',path:'\(installation.state)/secrets.json'}}},
             models:{providers:{
               groq:{baseUrl:'https://x.example/v1',apiKey:'CANARY-config-77b2',headers:{'X-Key':'CANARY-header-c3d9'},models:[],
                 request:{headers:{'X-Own':'CANARY-header-c3d9'},auth:{mode:'header',headerName:'X-Proof',value:'CANARY-config-77b2'},
                   proxy:{mode:'explicit-proxy',url:'http://u:CANARY-config-77b2@h.example:1'},
                   tls:{cert:'CANARY-config-77b2',key:'CANARY-config-77b2',passphrase:'CANARY-config-77b2'}}},
               mistral:{baseUrl:'https://y.example/v1',apiKey:{source:'exec',provider:'vault',id:'m'},models:[]},
               deepseek:{baseUrl:'https://z.example/v1',apiKey:{source:'file',provider:'disk',id:'/d'},models:[]}}}}
            """)
        try installation.write(".env", "XAI_API_KEY=CANARY-dotenv-a930\n")
        try installation.write(
            "helper.sh",
            "#!/bin/sh\ncat >/dev/null\necho '{\"protocolVersion\":1,\"values\":{\"m\":\"CANARY-helper-e710\"}}'\n",
            mode: 0o700)
        try installation.write("secrets.json", "{\"d\":\"CANARY-file-f820\"}")
        try installation.write(
            "agents/main/agent/auth-profiles.json",
            """
            {"version":1,"profiles":{
              "anthropic:key":{"type":"api_key","provider":"anthropic","key":"CANARY-store-key-0a11"},
              "github-copilot:t":{"type":"token","provider":"github-copilot","token":"CANARY-store-token-be42"},
              "chutes:o":{"type":"oauth","provider":"chutes","access":"CANARY-oauth-access-9c03",
                "refresh":"CANARY-oauth-refresh-51ee","expires":1000}}}
            """)
        let home = installation.home
        try installation.write(
            "\(home)/.codex/auth.json",
            "{\"tokens\":{\"access_token\":\"CANARY-codex-access-d001\",\"refresh_token\":\"CANARY-codex-refresh-d002\"}}"
        )
        try installation.write(
            "\(home)/.claude/.credentials.json",
            "{\"claudeAiOauth\":{\"accessToken\":\"CANARY-claude-d460\",\"refreshToken\":\"CANARY-claude-d460\",\"expiresAt\":9999999999999}}"
        )
        try installation.write(
            "\(home)/.config/gcloud/application_default_credentials.json",
            "{\"type\":\"authorized_user\",\"client_secret\":\"CANARY-adc-key-b240\",\"refresh_token\":\"CANARY-adc-key-b240\"}"
        )
        try installation.write(
            "\(home)/.aws/credentials",
            "[default]\naws_access_key_id=CANARY-aws-key-c350\naws_secret_access_key=CANARY-aws-key-c350\n")
        try installation.write(
            "\(home)/.config/gh/hosts.yml", "github.com:\n    oauth_token: CANARY-gh-e570\n    user: x\n")
    }
}
