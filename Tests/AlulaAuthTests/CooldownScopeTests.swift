import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// How far a window reaches: not to other providers, not to other models, and not into reports about routers.
struct CooldownScopeTests {
    private let resting = ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), cooldownReason: .overloaded)

    // upstream: 10.10 cooldown-auto-expiry
    @Test func orderingOneProviderLeavesAnotherAlone() {
        let store = StoreFact(
            profiles: [
                "openai:a": .key("openai"), "openai:b": .key("openai"), "groq:a": .key("groq"), "groq:b": .key("groq"),
            ],
            usage: [
                "openai:a": ProfileUsage(cooldownUntil: .noon(plus: .seconds(-1)), errorCount: 2), "groq:a": resting,
            ])
        let effective = EffectiveStore.merging(main: store, agent: nil, now: noon)
        func order(_ provider: ProviderID) -> [String] {
            ProfileOrder.resolve(provider, in: effective, context: .sample(), now: noon).eligible.map(\.id.rawValue)
        }
        #expect(order("openai") == ["openai:a", "openai:b"])
        #expect(order("groq") == ["groq:b", "groq:a"])
        #expect(effective.usage == store.usage)
    }

    // upstream: 10.10 getsoonestcooldownexpiry
    @Test func givesTheEarliestOfSeveralWindowsOverTheModel() {
        func timeout(_ seconds: Int, model: ModelID) -> ProfileUsage {
            ProfileUsage(
                cooldownUntil: .noon(plus: .seconds(seconds)), cooldownReason: .timeout, cooldownModel: model)
        }
        let usages = [timeout(90, model: "a"), timeout(30, model: "a"), timeout(10, model: "b")]
        #expect(ProfileUsage.earliestRecovery(of: usages, model: "a") == .noon(plus: .seconds(30)))
        #expect(ProfileUsage.earliestRecovery(of: usages) == .noon(plus: .seconds(10)))
    }

    // upstream: 10.10 usage
    @Test(arguments: [("openrouter", false), ("kilocode", false), ("groq", true)] as [(ProviderID, Bool)])
    func reportsShowNoWindowOverARouter(provider: ProviderID, isShown: Bool) {
        let id = ProfileID.standard(for: provider)
        var scene = ReportScene()
        scene.keep(id, provider, .apiKey)
        scene.setUsage(id) { usage in
            usage.cooldownUntil = ReportScene.after(.seconds(240))
            usage.cooldownReason = .overloaded
        }
        #expect(scene.models.unusable.map(\.id) == (isShown ? [id] : []))
        let profiles = scene.status.providers.flatMap(\.profiles)
        #expect(profiles.map { $0.window != nil } == [isShown])
    }
}
