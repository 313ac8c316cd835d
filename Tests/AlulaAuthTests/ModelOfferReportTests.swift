import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct ModelOfferReportTests {
    private func offer(keys: [String] = [], primary: String? = nil, fallbacks: [String] = []) -> ModelOffer {
        let names = ModelNames(aliases: [("fast", "groq/llama")], configuredKeys: keys)
        let selection = ModelSelection.resolve(
            defaults: .init(primary: primary, fallbacks: fallbacks), names: names)
        return ModelOffer(
            catalog: ModelCatalog(
                builtIn: [CatalogModel(provider: "openai", id: "gpt", origin: .builtIn)],
                configured: [ProviderListing(provider: "ollama", models: [.init(id: "qwen")])]),
            names: names, selection: selection,
            allowList: ModelAllowList(modelKeys: keys, selection: selection, names: names), defaultSpelling: primary,
            imageModel: "openai/gpt", configuredKeys: keys, allowed: keys)
    }

    @Test func tagsWhatTheConfigurationUses() throws {
        let models = offer(keys: ["openai/gpt"], primary: "openai/gpt", fallbacks: ["fast"]).models()
        let gpt = try #require(models.first { $0.id == "gpt" })
        #expect(gpt.tags == ["default", "image", "configured"])
        let llama = try #require(models.first { $0.id == "llama" })
        #expect(llama.tags == ["fallback#1"])
        #expect(llama.alias == "fast")
        #expect(llama.isMissing)
        #expect(llama.isConfigured)
    }

    @Test func knowsWhichModelsAreNearby() throws {
        let models = offer().models()
        #expect(try #require(models.first { $0.id == "qwen" }).isLocal)
        #expect(try #require(models.first { $0.id == "gpt" }).isLocal == false)
    }

    @Test func saysWhichRuleHolds() {
        #expect(
            offer(primary: "fast").summary.allowRule
                == "any model may be chosen; agents.defaults.models names none")
        let limited = offer(keys: ["openai/gpt"], primary: "fast").summary
        #expect(limited.allowRule == "by agents.defaults.models")
        #expect(limited.defaultModel == "fast")
        #expect(limited.resolvedDefault == "groq/llama")
    }
}
