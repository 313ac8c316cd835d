import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaSystem
import Testing

@testable import AlulaGateway

struct ConfigurationDeskTests {
    private static let long = """
        // \(String(repeating: "x", count: 600))
        { gateway: { mode: "local", port: 18790, auth: { token: "canary-token-1f2e" } }, meta: { a: 1 } }

        """

    private let installation: Installation
    private let pool = BlockingPool()

    init() throws { installation = try Installation(Self.long) }

    private func ask(_ action: ConfigurationQuery.Action, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        let desk = ConfigurationDesk(
            layout: installation.layout, variables: [:], currentDirectory: "/somewhere", pool: pool,
            now: { Timestamp(milliseconds: 1_780_000_000_000) })
        return try await desk.answer(ConfigurationQuery(action, parameters), version: "1.2.3")
    }

    private func change(_ action: ConfigurationQuery.Action, _ raw: String, _ more: JSONValue = [:]) async throws
        -> JSONValue
    {
        var parameters = JSONObject([("raw", .string(raw)), ("baseHash", try await ask(.get)["hash"] ?? .null)])
        for (key, value) in more.object ?? JSONObject() { parameters[key] = value }
        return try await ask(action, .object(parameters))
    }

    private func refusal(_ body: () async throws -> JSONValue) async -> GatewayError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? GatewayError
        }
    }

    private var text: String { get throws { try installation.read("state/openclaw.json") } }

    private var audit: [JSONValue] {
        get throws {
            try installation.read("state/logs/config-audit.jsonl").split(separator: "\n").map {
                try JSONValue.parse(String($0))
            }
        }
    }

    @Test func writesDownEachChangeWithoutItsContents() async throws {
        _ = try await change(.patch, #"{ gateway: { auth: { token: "canary-token-3c4d" } } }"#)
        let line = try #require(try audit.first)
        #expect(try audit.count == 1)
        #expect(line["ts"] == "2026-05-28T20:26:40Z")
        #expect(line["source"] == "config.patch")
        #expect(line["result"] == "rename")
        #expect(line["configPath"] == .string(installation.path("state/openclaw.json")))
        #expect(line["cwd"] == "/somewhere")
        #expect(line["previousBytes"] == .number(Self.long.utf8.count))
        #expect(line["previousHash"] == .string(ConfigurationAudit.hash(Array(Self.long.utf8))))
        #expect(line["nextHash"] == .string(ConfigurationAudit.hash(Array(try text.utf8))))
        #expect(line["suspicious"] == [])
        #expect(try text.contains("canary-token-3c4d"))
        #expect(try !installation.read("state/logs/config-audit.jsonl").contains("canary"))
    }

    @Test(arguments: [ConfigurationQuery.Action.set, .apply])
    func refusesAWholeTextThatLeavesTooLittle(_ action: ConfigurationQuery.Action) async throws {
        let text = "{ update: { channel: 'beta' } } // mine"
        let refused = await refusal { try await change(action, text) }
        #expect(refused?.detailCode == "suspicious-shrink")
        let reasons = [
            "size-drop:\(Self.long.utf8.count)->\(text.utf8.count)", "gateway-mode-removed", "update-channel-only-root",
        ]
        #expect(refused?.details?["suspicious"]?.array?.compactMap(\.string) == reasons)
        #expect(try self.text == Self.long)
        let name = try #require(refused?.details?["rejected"]?.string)
        #expect(try installation.read("state/\(name)") == text)
        #expect(try audit.last?["result"] == "rejected")
        #expect(try audit.last?["suspicious"]?.array?.count == 4)

        #expect(try await change(action, "{ ui: {} } // mine", ["allowShrink": true])["ok"] == true)
        #expect(try self.text == "{ ui: {} } // mine")
        #expect(try audit.last?["result"] == "rename")
    }

    @Test func aPatchNamesWhatItTakesAway() async throws {
        _ = try await change(.patch, "{ gateway: null }")
        #expect(try audit.last?["suspicious"] == ["gateway-mode-removed"])
        #expect(try !text.contains("gateway"))
    }

    @Test func keepsThreeRefusedTexts() async throws {
        for hour in 1...5 {
            try installation.write("x", to: "state/openclaw.json.rejected.2020-01-01T0\(hour)-00-00Z")
        }
        _ = await refusal { try await change(.set, "{}") }
        let kept = try installation.fingerprint(below: "state").keys.filter { $0.contains(".rejected.") }.sorted()
        #expect(
            kept.map { $0.split(separator: ".").last } == [
                "2020-01-01T04-00-00Z", "2020-01-01T05-00-00Z", "2026-05-28T20-26-40Z",
            ])
    }

    @Test func aDryRunSaysWhatWouldBeAndWritesNothing() async throws {
        let before = try installation.fingerprint()
        let answer = try await change(.patch, "{ gateway: { port: 19000 } }", ["dryRun": true])
        #expect(answer["dryRun"] == true)
        #expect(answer["config"]?["gateway"]?["port"] == 19_000)
        #expect(answer["hash"] == .string(ConfigurationAudit.hash(Array(Self.long.utf8))))
        let refused = await refusal { try await change(.set, "{}", ["dryRun": true]) }
        #expect(refused?.detailCode == "suspicious-shrink")
        let invalid = await refusal { try await change(.patch, "{ gateway: { port: 99999 } }", ["dryRun": true]) }
        #expect(invalid?.detailCode == "invalid")
        #expect(try installation.fingerprint() == before)
    }

    @Test func theHashIsThatOfWhatWasWritten() async throws {
        let answer = try await change(.patch, "{ gateway: { port: 19000 } }")
        #expect(answer["hash"] == .string(ConfigurationAudit.hash(Array(try text.utf8))))
    }

    @Test func aChangeSaysWhatItBringsAndWhatWaits() async throws {
        let first = try await change(.patch, "{ gateway: { prot: 1, port: 19000 } }")
        #expect(first["warnings"]?.array?.map { $0["path"] } == ["gateway.prot"])
        #expect(first["warnings"]?.array?.first?["message"]?.string?.contains("Did you mean \"port\"?") == true)
        #expect(first["restart"]?["paths"]?.array?.contains("gateway.port") == true)
        // What was there before is not said again, though it stands on another line now.
        let second = try await change(.patch, "{ agents: { defaults: { model: 'openai/x' } } }")
        #expect(second["warnings"] == nil)
        #expect(second["restart"] == nil)
    }

    @Test func keepsArgumentsOutThatMayBeSecrets() {
        #expect(
            ConfigurationAudit.withoutValues(
                ["/bin/alula", "config", "set", "--strict-json", "gateway.auth.token", "canary", "--json=canary"])
                == ["/bin/alula", "config", "set", "--strict-json", "…", "…", "--json"])
        #expect(ConfigurationAudit.withoutValues(["alula", "Canary9", "--Canary"]) == ["alula", "…", "…"])
    }

    @Test func problemsSayWhereTheyAre() async throws {
        try installation.write("{\n  gateway: { port: 99999 },\n  extra: 1\n}", to: "state/openclaw.json")
        let answer = try await ask(.get)
        #expect(answer["state"] == "loaded")
        #expect(answer["issues"]?.array?.first?["line"] == 2)
        #expect(answer["issues"]?.array?.first?["code"] == "out_of_range")
        try installation.write("{", to: "state/openclaw.json")
        #expect(try await ask(.get)["state"] == "unreadable")
        try installation.write("", to: "state/openclaw.json")
        #expect(try await ask(.get)["state"] == "blank")
    }
}
