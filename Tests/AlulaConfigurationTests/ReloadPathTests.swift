import AlulaJSON
import Testing

@testable import AlulaConfiguration

/// Places that matter for logins and models, and what a change there touches while the gateway runs.
struct ReloadPathTests {
    // upstream: 10.9 reload
    @Test(
        arguments: [
            ("models.providers.openai.apiKey", [.models, .modelsAuth]), ("models.mode", [.models, .modelsAuth]),
            ("models.pricing.openai", [.models]), ("models.somethingNew", [.models]),
            ("agents.defaults.models.openai/gpt-5", [.agents, .models, .modelsAuth]),
            ("agents.defaults.model.primary", [.agents, .models, .modelsAuth]),
            ("agents.list", [.agents, .models, .modelsAuth, .heartbeat]),
            ("agents.list.0.agentDir", [.agents, .models, .modelsAuth]),
            ("auth.cooldowns.billingBackoffHours", [.modelsAuth]), ("auth.order.openai", [.modelsAuth]),
            ("auth.profiles.openai:a.mode", [.modelsAuth]),
            ("secrets.providers.vault", [.modelsAuth, .secrets]),
            ("gateway.auth.token", [.access]), ("gateway.auth.mode", [.access]),
            ("gateway.trustedProxies", [.access]), ("gateway.controlUi.allowedOrigins", [.access]),
            ("gateway.controlUi.basePath", [.gatewayRestart]),
            ("gateway.port", [.gatewayRestart]), ("somethingNew.x", []),
        ] as [(String, Set<ReloadPlan.Effect>)])
    func touches(path: String, effects: Set<ReloadPlan.Effect>) {
        let path = ConfigurationPath(path.split(separator: ".").map { .key(String($0)) })
        #expect(ReloadPlan(changedPaths: [path]).effects == effects)
    }

    // Saving what is there already is no change, whoever saves it and however it is laid out.
    // upstream: 10.9 reload
    @Test(arguments: [
        "{auth: {order: {openai: ['a']}}, models: {mode: 'merge'}}",
        "// saved again\n{\"models\": {\"mode\": \"merge\"}, \"auth\": {\"order\": {\"openai\": [\"a\"]}}}\n",
    ])
    func equalContentIsNoChange(text: String) throws {
        let before = try MemoryFiles(main: "{auth: {order: {openai: ['a']}}, models: {mode: 'merge'}}").loaded()
        let after = try MemoryFiles(main: text).loaded()
        #expect(ReloadPlan(from: before.resolved, to: after.resolved).isNothing)
    }
}
