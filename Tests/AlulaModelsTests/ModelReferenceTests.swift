import AlulaPrimitives
import Testing

@testable import AlulaModels

struct ModelReferenceTests {
    @Test(
        arguments: [
            ("openai/gpt-5.5", "openai", "gpt-5.5", nil),
            (" OpenAI / gpt-5.5 ", "openai", "gpt-5.5", nil),
            ("openrouter/moonshotai/kimi-k2", "openrouter", "moonshotai/kimi-k2", nil),
            ("z.ai/GLM-5", "zai", "GLM-5", nil),
            ("Bedrock/us.amazon.nova-pro-v1:0", "amazon-bedrock", "us.amazon.nova-pro-v1:0", nil),
            ("doubao/seed", "volcengine", "seed", nil),
            ("openai/gpt-5.5@openai:work", "openai", "gpt-5.5", "openai:work"),
            ("openai/gpt-5.5@openai:me@example.com", "openai", "gpt-5.5", "openai:me@example.com"),
            ("openrouter/a@b/model", "openrouter", "a@b/model", nil),
            ("anthropic/claude-sonnet-4@20250219", "anthropic", "claude-sonnet-4@20250219", nil),
            (
                "anthropic/claude-sonnet-4@20250219@anthropic:work", "anthropic", "claude-sonnet-4@20250219",
                "anthropic:work"
            ),
            ("lmstudio/qwen@q8_0", "lmstudio", "qwen@q8_0", nil),
            ("lmstudio/qwen@Q4_K_M@lmstudio:lan", "lmstudio", "qwen@Q4_K_M", "lmstudio:lan"),
            ("lmstudio/qwen@iq3_xs", "lmstudio", "qwen@iq3_xs", nil),
            ("lmstudio/qwen@4bit", "lmstudio", "qwen@4bit", nil),
            ("openai/gpt-5.5@", "openai", "gpt-5.5@", nil),
        ] as [(String, String, String, String?)])
    func reads(text: String, provider: String, model: String, profile: String?) throws {
        let reference = try #require(ModelReference(text))
        #expect(reference.provider.rawValue == provider)
        #expect(reference.model.rawValue == model)
        #expect(reference.profile?.rawValue == profile)
        #expect(ModelReference(reference.description) == reference)
    }

    @Test(arguments: ["", "  ", "gpt-5.5", "/gpt-5.5", "openai/", "openai/  ", "/"])
    func refusesIncompleteNames(text: String) {
        #expect(ModelReference(text) == nil)
    }
}

struct ModelNamesTests {
    private let names = ModelNames(
        aliases: [("Fast", "groq/llama-3.1-8b-instant"), ("fast", "openai/gpt-5.4"), ("opus", "openrouter/auto")],
        configuredKeys: ["anthropic/claude-sonnet-4-6", "anthropic/claude-opus-4-8"],
        listed: [
            ModelReference(provider: "local", model: "qwen"),
            ModelReference(provider: "a", model: "twice"), ModelReference(provider: "b", model: "twice"),
        ])

    @Test(arguments: [
        ("openai/gpt-5.4", "openai/gpt-5.4", ModelNames.Route.fullName),
        ("FAST", "groq/llama-3.1-8b-instant", .alias),
        ("fast@groq:work", "groq/llama-3.1-8b-instant@groq:work", .alias),
        ("sonnet", "anthropic/claude-sonnet-4-6", .alias),
        ("opus", "openrouter/auto", .alias),
        ("qwen", "local/qwen", .uniqueModel),
        ("twice", "openai/twice", .defaultProvider),
        ("gpt-5.4", "openai/gpt-5.4", .defaultProvider),
        ("gpt", "openai/gpt", .defaultProvider),
    ])
    func resolves(text: String, reference: String, route: ModelNames.Route) throws {
        let match = try #require(names.resolve(text))
        #expect(match.reference.description == reference)
        #expect(match.route == route)
    }

    @Test(arguments: ["", " ", "/x", "openai/"]) func refusesBrokenNames(text: String) {
        #expect(names.resolve(text) == nil)
    }
}

struct ModelAllowListTests {
    private let names = ModelNames(aliases: [("fast", "groq/llama-3.1-8b-instant")])
    private var selection: ModelSelection {
        .resolve(
            defaults: .init(primary: "openai/gpt-5.5", fallbacks: ["anthropic/claude-sonnet-5"]), names: names)
    }

    private func reference(_ text: String) throws -> ModelReference { try #require(ModelReference(text)) }

    @Test func allowsAllWithoutKeys() throws {
        let list = ModelAllowList(modelKeys: [], selection: selection, names: names)
        #expect(list.allowsAny)
        #expect(try list.allows(reference("xai/grok-4")))
    }

    @Test func takesKeysForTheListAndAlwaysAllowsTheSelection() throws {
        let list = ModelAllowList(modelKeys: ["google/gemini-2.5-pro", "groq/*"], selection: selection, names: names)
        #expect(try list.allows(reference("google/gemini-2.5-pro@google:work")))
        #expect(try list.allows(reference("groq/anything")))
        #expect(try list.allows(reference("openai/gpt-5.5")))
        #expect(try list.allows(reference("anthropic/claude-sonnet-5")))
        #expect(try !list.allows(reference("openai/gpt-5.4")))
        #expect(list.openProviders == ["groq"])
        #expect(try list.refusal(of: reference("openai/gpt-5.4@x:y")) == "model not allowed: openai/gpt-5.4")
    }

    @Test func readsAliasesAndPrefixesInAPolicy() throws {
        let list = ModelAllowList(
            policy: ["fast", "openai/gpt-5.4*"], agentPolicy: nil, selection: selection, names: names)
        #expect(try list.allows(reference("groq/llama-3.1-8b-instant")))
        #expect(try list.allows(reference("openai/gpt-5.4-mini")))
        #expect(try !list.allows(reference("groq/other")))
        #expect(try !list.allows(reference("xai/gpt-5.4")))
    }

    @Test func letsAnAgentsEmptyPolicyAllowAll() throws {
        let list = ModelAllowList(policy: ["fast"], agentPolicy: [], selection: selection, names: names)
        #expect(list.allowsAny)
    }

    @Test func allowsAllByAStar() {
        #expect(ModelAllowList(policy: ["*"], agentPolicy: nil, selection: selection, names: names).allowsAny)
    }
}

struct ModelSelectionTests {
    private let names = ModelNames()

    @Test func fallsBackToTheStandardModel() {
        let selection = ModelSelection.resolve(defaults: nil, names: names)
        #expect(selection.primary.description == "openai/gpt-5.5")
        #expect(selection.fallbacks.isEmpty)
        #expect(selection.primaryOrigin == .builtIn)
    }

    @Test func takesTheFirstListedModelWhereNothingIsSelected() throws {
        let tiny = try #require(ModelReference("mine/tiny"))
        let selection = ModelSelection.resolve(defaults: nil, listed: [tiny], names: names)
        #expect(selection.primary == tiny)
        #expect(selection.primaryOrigin == .listed)
        let standard = ModelSelection.resolve(
            defaults: nil, listed: [tiny, ModelSelection.standard], names: names)
        #expect(standard.primary == ModelSelection.standard)
        let chosen = ModelSelection.resolve(
            defaults: .init(primary: "xai/grok-4"), listed: [tiny], names: names)
        #expect(chosen.primary.description == "xai/grok-4")
    }

    @Test func keepsEachFallbackOnceAndReportsWhatNamesNoModel() {
        let selection = ModelSelection.resolve(
            defaults: .init(primary: "/x", fallbacks: ["openai/gpt-5.4", "openai/gpt-5.4", "openai/gpt-5.5"]),
            names: names)
        #expect(selection.chain.map(\.description) == ["openai/gpt-5.5", "openai/gpt-5.4"])
        #expect(selection.rejected == ["/x"])
    }

    @Test func givesAnAgentItsOwnModelWithoutCommonFallbacks() {
        let defaults = ModelSelection.Setting(primary: "openai/gpt-5.5", fallbacks: ["openai/gpt-5.4"])
        let own = ModelSelection.resolve(defaults: defaults, agent: .init(primary: "xai/grok-4"), names: names)
        #expect(own.chain.map(\.description) == ["xai/grok-4"])
        #expect(own.fallbacksOrigin == .agent)
        let inherited = ModelSelection.resolve(defaults: defaults, agent: .init(), names: names)
        #expect(inherited.chain.count == 2)
        #expect(inherited.fallbacksOrigin == .defaults)
        let strict = ModelSelection.resolve(defaults: defaults, agent: .init(fallbacks: []), names: names)
        #expect(strict.chain.map(\.description) == ["openai/gpt-5.5"])
    }

    @Test func triesTheRequestedModelThenFallbacksThenThePrimary() throws {
        let selection = ModelSelection.resolve(
            defaults: .init(primary: "openai/gpt-5.5", fallbacks: ["openai/gpt-5.4"]), names: names)
        let requested = try #require(ModelReference("xai/grok-4"))
        #expect(
            selection.candidates(requested: requested).map(\.description) == [
                "xai/grok-4", "openai/gpt-5.4", "openai/gpt-5.5",
            ])
        #expect(selection.candidates(requested: requested, override: []) == [requested])
        #expect(selection.candidates().map(\.description) == ["openai/gpt-5.5", "openai/gpt-5.4"])
    }
}
