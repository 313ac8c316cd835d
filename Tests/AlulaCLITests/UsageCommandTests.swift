import AlulaJSON
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaCLI

struct UsageCommandTests {
    private static func part(
        _ first: JSONObject = JSONObject(), requests: Int64, input: Int64, cost: Double, missing: Int64 = 0,
        failed: Int64 = 0, incomplete: Int64 = 0
    ) -> JSONValue {
        var part = first
        part["requests"] = .number(requests)
        part["failed"] = .number(failed)
        part["input"] = .number(input)
        part["cacheRead"] = .number(input / 2)
        part["cacheWrite"] = .number(1)
        part["output"] = .number(input / 4)
        part["totalCost"] = .number(cost)
        part["missingCostEntries"] = .number(missing)
        part["incomplete"] = .number(incomplete)
        return .object(part)
    }

    private static func model(_ provider: String, _ model: String) -> JSONObject {
        JSONObject([("provider", .string(provider)), ("model", .string(model))])
    }

    private static let answer: JSONValue = [
        "updatedAt": 1, "days": 30, "startDate": "2026-10-30", "endDate": "2026-11-28",
        "totals": part(requests: 1210, input: 1_234_600, cost: 12.3456, missing: 3, failed: 9, incomplete: 1),
        "groups": [
            part(model("openai", "gpt-5.5"), requests: 1200, input: 1_234_567, cost: 12.3456, failed: 9),
            part(model("lab", "small"), requests: 7, input: 28, cost: 0.00005, missing: 1),
            part(model("lab", String(repeating: "long-", count: 20)), requests: 2, input: 4, cost: 0, missing: 2),
            part(model("alula", "echo"), requests: 1, input: 1, cost: 0, incomplete: 1),
        ],
    ]

    private func scene(_ answer: JSONValue = answer) -> CommandScene {
        CommandScene { $0.localAnswers["usage.cost"] = answer }
    }

    @Test func showsWhatItTookAndWhatIsNotKnown() async {
        let scene = scene()
        #expect(await scene.run("usage") == .done)
        #expect(scene.lastParameters == ["mode": "gateway", "groupBy": "model"])
        #expect(Fixture("usage.txt").matches(scene.terminal.output))
        #expect(scene.terminal.errors.contains("3 requests have no known cost"))
        #expect(scene.terminal.errors.contains("One answer ended before the provider had told all"))
    }

    @Test func asksForTheDaysThatAreMeant() async {
        let scene = scene()
        #expect(await scene.run("usage", "--by", "key", "--days", "7", "--to", "2026-11-20") == .done)
        #expect(
            scene.lastParameters == ["mode": "gateway", "groupBy": "key", "days": 7, "endDate": "2026-11-20"])
        #expect(await scene.run("usage", "--by", "day", "--from", "2026-11-01") == .done)
        #expect(scene.lastParameters == ["mode": "gateway", "groupBy": "day", "startDate": "2026-11-01"])
    }

    @Test(arguments: [
        ["--days", "0"], ["--days", "4000"], ["--from", "yesterday"], ["--to", "2026-02-30"],
        ["--from", "2026-11-02", "--to", "2026-11-01"], ["--days", "3", "--from", "2026-11-01"], ["--by", "colour"],
    ])
    func refusesWhatMeansNoDays(_ words: [String]) async {
        let scene = scene()
        #expect(await scene.run(["usage"] + words) == .usage)
        #expect(scene.asked.isEmpty)
    }

    @Test func printsTheAnswerItselfWithJSON() async {
        let scene = scene()
        #expect(await scene.run("usage", "--json") == .done)
        #expect(scene.terminal.document == Self.answer)
        #expect(scene.terminal.errors.isEmpty)
    }

    @Test func plainRowsAreForPrograms() async {
        let scene = scene()
        #expect(await scene.run("usage", "--plain") == .done)
        let rows = scene.terminal.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count == 4)
        #expect(rows[0] == ["openai/gpt-5.5", "1200", "9", "1234567", "617284", "308641", "12.3456"])
        #expect(rows[2].last == "unknown" && rows[3].last == "0")
    }

    @Test func saysThatNobodyWasAsked() async {
        let empty: JSONValue = [
            "startDate": "2026-11-28", "endDate": "2026-11-28", "totals": ["requests": 0], "groups": [],
        ]
        let scene = scene(empty)
        #expect(await scene.run("usage", "--days", "1") == .done)
        #expect(scene.terminal.output == "No model was asked on 2026-11-28.\n")
    }

    // MARK: Quotas

    private static let quotas: JSONValue = [
        "updatedAt": 1,
        "providers": [
            [
                "provider": "anthropic", "displayName": "Claude", "plan": "max",
                "windows": [
                    ["label": "5h", "usedPercent": 12.5, "resetAt": 1_780_003_600_000],
                    ["label": "Week", "usedPercent": 95],
                ],
            ],
            ["provider": "zai", "displayName": "z.ai", "windows": [], "error": "It has trouble."],
            ["provider": "openai-codex", "displayName": "OpenAI", "windows": [], "summary": "unlimited credits"],
            ["provider": "lab"],
        ],
    ]

    private func gateway(_ quotas: JSONValue = quotas) -> CommandScene {
        CommandScene { state in
            state.running = RunningGateway(
                url: "ws://127.0.0.1:18789", processID: 42, credential: .token(Secret("fake")))
            for method in ["health", "status", "agents.list", "models.status"] { state.gatewayAnswers[method] = [:] }
            state.gatewayAnswers["usage.status"] = quotas
        }
    }

    @Test func statusShowsQuotasWhenTheyAreWanted() async throws {
        let scene = gateway()
        #expect(await scene.run("status") == .done)
        #expect(!scene.asked.contains("usage.status"))
        #expect(await scene.run("status", "--usage") == .done)
        let table = scene.terminal.output.firstRange(of: "QUOTA OF").map {
            String(scene.terminal.output[$0.lowerBound...])
        }
        #expect(Fixture("quotas.txt").matches(table ?? "none"))
    }

    @Test func statusSaysThatThereIsNothingToTell() async {
        let scene = gateway(["updatedAt": 1, "providers": []])
        #expect(await scene.run("status", "--usage") == .done)
        #expect(scene.terminal.output.contains("No account has a quota that its provider tells."))
    }

    @Test func quotasAreOneMemberOfTheDocument() async {
        let scene = gateway()
        #expect(await scene.run("status", "--usage", "--json") == .done)
        #expect(scene.terminal.document?["usage"] == Self.quotas)
        #expect(scene.terminal.errors.isEmpty)
    }

    @Test func withoutAGatewayNobodyIsAsked() async {
        let scene = CommandScene { state in
            for method in ["status", "agents.list", "models.status"] { state.localAnswers[method] = [:] }
        }
        #expect(await scene.run("status", "--usage") == .done)
        #expect(!scene.asked.contains("usage.status"))
        #expect(scene.terminal.errors.contains("Only a running gateway asks for quotas"))
    }
}
