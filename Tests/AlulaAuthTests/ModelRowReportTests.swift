import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct ModelRowReportTests {
    private func model(_ provider: ProviderID, _ id: ModelID, isConfigured: Bool = false) -> ModelRow.Model {
        .init(id: id, provider: provider, name: "\(id)", isConfigured: isConfigured)
    }

    private var scene: ReportScene {
        var scene = ReportScene()
        scene.context.providerIDs = ["anthropic", "groq", "openai"]
        scene.setVariable("OPENAI_API_KEY")
        return scene
    }

    private var models: [ModelRow.Model] {
        [
            model("openai", "gpt-b"), model("openai", "gpt-a"), model("groq", "llama"),
            model("anthropic", "claude", isConfigured: true), model("openai", "gpt-a"),
        ]
    }

    @Test(
        arguments: [
            (.all, ["anthropic/claude", "groq/llama", "openai/gpt-a", "openai/gpt-b"]),
            (.default, ["anthropic/claude", "openai/gpt-a", "openai/gpt-b"]), (.configured, ["anthropic/claude"]),
        ] as [(ModelRow.View, [String])])
    func showsWhatTheViewAsksFor(_ view: ModelRow.View, _ expected: [String]) {
        let rows = ModelRow.rows(of: models, view: view, reader: scene.reader)
        #expect(rows.map { "\($0.model.provider)/\($0.model.id)" } == expected)
    }

    @Test func aSlowSourceTakesNoRowAway() {
        var scene = scene
        scene.facts.stores[ReportScene.store] = .timedOut(afterMilliseconds: 2000)
        let rows = ModelRow.rows(of: models, view: .configured, reader: scene.reader)
        #expect(rows.map(\.isAvailable) == [false])
        #expect(rows.map(\.unavailableReason) == [.missingAuth])
    }

    @Test(
        arguments: [
            (.unavailable(.noLogin, until: nil), .missingAuth), (.unavailable(.expired, until: nil), .authFailed),
            (.unavailable(.credentialRejected, until: nil), .authFailed),
            (.unavailable(.usageLimit, until: ReportScene.now), .cooldown),
            (.unknown(.helperPending), .missingAuth),
        ] as [(Availability, ModelRow.UnavailableReason)])
    func givesTheProtocolsReason(_ availability: Availability, _ reason: ModelRow.UnavailableReason) {
        let row = ModelRow(model: model("openai", "gpt"), availability: availability)
        #expect(row.unavailableReason == reason)
        #expect(!row.isAvailable)
    }

    @Test func countsAWindowThatHasEndedAsOver() {
        var scene = ReportScene()
        scene.context.providerIDs = ["groq"]
        scene.keep("groq:default", "groq", .apiKey)
        scene.setUsage("groq:default") { $0.cooldownUntil = ReportScene.after(.seconds(30)) }
        let prepared = scene.reader.prepared
        #expect(scene.reader.availability(of: "groq").isAvailable == false)
        let later = AuthReader(prepared, now: ReportScene.after(.seconds(31)))
        #expect(later.availability(of: "groq").isAvailable)
    }
}
