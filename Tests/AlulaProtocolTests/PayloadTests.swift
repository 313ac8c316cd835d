import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaProtocol

struct PayloadTests {
    private func expect(_ payload: JSONValue, matches name: String) {
        #expect(Fixture(name).matches(payload.text(.pretty) + "\n"), "\(name) differs; see UPDATE_FIXTURES=1")
    }

    // MARK: Golden documents

    @Test func authStatus() {  // upstream: 10.7 1, 10.7 9
        expect(AuthStatusReport(PayloadScene.reader).payload, matches: "auth-status.json")
    }

    @Test func modelsStatus() {
        let report = ModelsStatusReport(
            PayloadScene.reader,
            models: .init(
                defaultModel: "gpt", resolvedDefault: "openai/gpt-5.5", fallbacks: ["anthropic/claude-opus-5"],
                aliases: ["gpt": "openai/gpt-5.5"], allowed: ["openai/*"],
                allowRule: "only keys of agents.defaults.models may be chosen (older rule)"),
            configurationPath: "/state/openclaw.json", requestedAgent: .main)
        expect(report.payload, matches: "models-status.json")
    }

    @Test func modelsExplain() {
        let time = PayloadScene.now
        let first = ModelReference(provider: "openai", model: "gpt-5.5")
        let second = ModelReference(provider: "anthropic", model: "claude-opus-5")
        let window = UsageWindow(kind: .cooldown, reason: .rateLimit, until: time.advanced(by: .seconds(600)))
        let plan = FailoverPlan(candidates: [
            .init(model: first, logins: [.profile("openai:work"), .environment("OPENAI_API_KEY")]),
            .init(model: second, logins: [], exclusion: "no login can be used (switched_off)"),
        ])
        let chain = FailoverChain(
            plan, in: .init(now: time, window: { $0.login == .profile("openai:work") ? window : nil }))
        let explanation = ModelExplanation(
            asked: "gpt", agent: .main, chain: chain,
            candidates: [
                .init(
                    model: first, api: .openAICompletions, exclusion: nil,
                    sources: [
                        .init(label: "profile:openai:work", state: .resting(window)),
                        .init(label: "profile:openai:old", state: .out("expired", until: nil)),
                        .init(label: "env: OPENAI_API_KEY", state: .ready),
                    ]),
                .init(
                    model: second, api: .anthropicMessages, exclusion: plan.candidates[1].exclusion,
                    sources: [.init(label: "profile:anthropic:a", state: .out("switched_off", until: nil))]),
                .init(
                    model: ModelReference(provider: "xai", model: "grok"), api: nil, exclusion: "no login", sources: []),
            ])
        expect(explanation.payload, matches: "models-explain.json")
    }

    @Test func modelsList() {
        let models = [
            ModelRow.Model(
                id: "gpt-5.5", provider: "openai", name: "GPT-5.5", api: "openai-responses", contextWindow: 400_000,
                isReasoning: true, input: ["text", "image"], alias: "gpt", tags: ["default", "configured"],
                isConfigured: true),
            ModelRow.Model(
                id: "claude-opus-5", provider: "anthropic", name: "Claude Opus 5", contextWindow: 200_000,
                input: ["text"], tags: ["fallback#1"], isConfigured: true),
            ModelRow.Model(id: "qwen", provider: "ollama", name: "qwen", input: ["text"], isLocal: true),
            ModelRow.Model(id: "llama", provider: "groq", name: "llama", isConfigured: true, isMissing: true),
        ]
        expect(
            ModelListPayload.result(ModelRow.rows(of: models, view: .all, reader: PayloadScene.reader)),
            matches: "models-list.json")
    }

    @Test func healthAndStatus() {
        let warm = WarmStatus(
            generation: 13, runningSince: PayloadScene.now, runningTrigger: .fileChange,
            lastResult: .init(
                outcome: .failed, trigger: .reload, endedAt: PayloadScene.after(.seconds(-5)),
                durationMilliseconds: 84, gathering: .worker, errorCode: "worker_exited",
                message: "The worker ended by itself.", maximumLatenessMilliseconds: 1.5),
            nextRetryAt: PayloadScene.after(.seconds(1)), failedAttempts: 1, dirtySources: 2,
            scopeMisses: ["workspace": 3])
        let health = GatewayHealth(
            at: PayloadScene.now, duration: .milliseconds(2),
            agents: [
                AgentSummary(id: .main, workspace: "/state/workspace", directory: "/state/agents/main/agent"),
                AgentSummary(
                    id: "work", name: "Work", workspace: "/state/workspace-work",
                    directory: "/state/agents/work/agent", primaryModel: "openai/gpt-5.5"),
            ],
            defaultAgent: .main, warm: warm, prepared: PayloadScene.prepared,
            eventLoop: ["degraded": false, "reasons": []], version: "1.0.0", defaultModel: "openai/gpt-5.5",
            defaultContextTokens: 272_000)
        expect(health.health, matches: "health.json")
        expect(health.status, matches: "status.json")
        expect(AgentSummary.list(health.agents, default: .main), matches: "agents-list.json")
    }

    @Test func changeEvent() {
        let changes = [
            AuthChange(
                agent: .main, provider: "openai",
                availability: .available(
                    Evidence(
                        source: .environment(variable: "OPENAI_API_KEY"), mode: .apiKey, label: "env: OPENAI_API_KEY"))),
            AuthChange(
                agent: "work", provider: "groq",
                availability: .unavailable(.usageLimit, until: PayloadScene.after(.seconds(60)))),
            AuthChange(agent: "work", provider: "mistral", availability: .unknown(.helperPending)),
        ]
        expect(
            AuthChangedEvent.payload(changes, generation: 14, at: PayloadScene.now), matches: "models-auth-changed.json"
        )
    }

    // MARK: Rules

    @Test func aFloodOfChangesIsCutAndSaysSo() throws {
        let change = AuthChange(agent: .main, provider: "openai", availability: .unknown(.notReadYet))
        let payload = AuthChangedEvent.payload(
            Array(repeating: change, count: AuthChangedEvent.maximumChanges + 1), generation: 1, at: PayloadScene.now)
        #expect(payload["changes"]?.array?.count == AuthChangedEvent.maximumChanges)
        #expect(payload["truncated"] == true)
    }

    @Test func expiryIsAllOrNothing() throws {
        let payload = AuthStatusReport(PayloadScene.reader).payload
        for provider in try #require(payload["providers"]?.array) {
            for place in [provider] + (provider["profiles"]?.array ?? []) {
                guard let expiry = place["expiry"] else { continue }
                #expect(expiry.object?.keys == ["at", "remainingMs", "label"])
            }
        }
    }

    @Test func healthIsThereBeforeTheFirstSnapshot() {
        let health = GatewayHealth(
            at: PayloadScene.now, agents: [], defaultAgent: .main, warm: WarmStatus(), prepared: nil, version: "1.0.0")
        #expect(health.health["providerAuth"]?["stale"] == true)
        #expect(health.health["providerAuth"]?["state"] == "idle")
        #expect(health.health["providerAuth"]?["availableProviders"] == [])
    }
}
