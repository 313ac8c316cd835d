import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaModels

struct ModelCatalogTests {
    private func model(_ text: String, in catalog: ModelCatalog) throws -> CatalogModel? {
        catalog[try #require(ModelReference(text))]
    }

    @Test func builtInModelsBelongToKnownProvidersAndComeOnce() {
        #expect(Set(BuiltInModels.all.map(\.reference)).count == BuiltInModels.all.count)
        for model in BuiltInModels.all { #expect(ProviderTable.builtIn[model.provider] != nil, "\(model.reference)") }
    }

    @Test func alwaysHasTheTestModelAndSaysWhatItIs() throws {
        for mode in ModelCatalog.Mode.allCases {
            let catalog = ModelCatalog(mode: mode)
            #expect(catalog[BuiltInModels.test]?.name == "Alula echo (test model)")
            #expect(catalog.api(of: BuiltInModels.test) == .alulaEcho)
        }
    }

    @Test func offersTheStandardModel() {
        #expect(ModelCatalog()[ModelSelection.standard] != nil)
    }

    @Test func sortsByProviderThenId() {
        let references = ModelCatalog().models.map(\.reference)
        #expect(references == references.sorted())
    }

    @Test func refinesBuiltInEntriesByConfiguredOnes() throws {
        let catalog = ModelCatalog(
            configured: [
                ProviderListing(
                    provider: "openai", models: [.init(id: "gpt-5.5", contextWindow: 64_000, isReasoning: false)]),
                ProviderListing(
                    provider: "mine", baseURL: "http://192.168.0.2/v1", models: [.init(id: "tiny", name: "Tiny")]),
            ])
        let refined = try #require(try model("openai/gpt-5.5", in: catalog))
        #expect(refined.name == "GPT-5.5")
        #expect(refined.contextWindow == 64_000)
        #expect(refined.maximumOutput == 64_000)
        #expect(!refined.isReasoning)
        #expect(refined.origin == .configured)
        let own = try #require(try model("mine/tiny@mine:work", in: catalog))
        #expect(own.contextWindow == 200_000)
        #expect(own.maximumOutput == 8192)
        #expect(own.input == [.text])
        #expect(catalog.endpoint(of: "mine") == .init(baseURL: "http://192.168.0.2/v1", api: .openAICompletions))
        #expect(catalog.endpoint(of: "openai")?.baseURL == "https://api.openai.com/v1")
    }

    @Test func replacesEverythingButTheTestModel() {
        let catalog = ModelCatalog(
            configured: [ProviderListing(provider: "mine", models: [.init(id: "tiny")])],
            generated: GeneratedModels(listings: [ProviderListing(provider: "old", models: [.init(id: "x")])]),
            mode: .replace)
        #expect(catalog.models.map(\.reference.description) == ["alula/echo", "mine/tiny"])
    }

    @Test func takesGeneratedEntriesForHintsOnly() throws {
        let generated = GeneratedModels(listings: [
            ProviderListing(
                provider: "openai", baseURL: "http://stale.example/v1",
                models: [.init(id: "gpt-5.5", name: "stale", contextWindow: 1), .init(id: "gpt-found")]),
            ProviderListing(provider: "mine", baseURL: "http://stale.example/v1"),
        ])
        let catalog = ModelCatalog(
            configured: [ProviderListing(provider: "mine", baseURL: "http://new.example/v1")], generated: generated)
        #expect(try model("openai/gpt-5.5", in: catalog)?.name == "GPT-5.5")
        #expect(try model("openai/gpt-found", in: catalog)?.origin == .generated)
        #expect(catalog.endpoint(of: "mine")?.baseURL == "http://new.example/v1")
    }
}

struct GeneratedModelsTests {
    @Test func readsWhatItCanAndNamesTheRest() {
        let generated = GeneratedModels([
            "providers": [
                "OpenAI": [
                    "baseUrl": "https://api.example/v1", "api": "openai-responses", "apiKey": "OPENAI_API_KEY",
                    "models": [
                        [
                            "id": "gpt-5.5", "name": "GPT", "contextWindow": 400_000, "maxTokens": -1,
                            "reasoning": true, "input": ["text", "image", "smell"], "cost": ["input": 1],
                        ],
                        ["name": "nameless"], 7,
                    ],
                ],
                "broken": 1,
                "secret": ["apiKey": "FAKE-canary-key", "models": "none"],
            ]
        ])
        #expect(generated.skipped == ["providers.OpenAI.models[1]", "providers.OpenAI.models[2]", "providers.broken"])
        #expect(
            generated.listings == [
                ProviderListing(
                    provider: "openai", baseURL: "https://api.example/v1", api: .openAIResponses,
                    key: .marker("OPENAI_API_KEY"),
                    models: [
                        .init(
                            id: "gpt-5.5", name: "GPT", contextWindow: 400_000, isReasoning: true,
                            input: [.text, .image])
                    ]),
                ProviderListing(provider: "secret", key: .literal),
            ])
        #expect(!"\(generated)".contains("canary"))
    }

    @Test(arguments: [JSONValue.null, [], "x", ["providers": []]]) func toleratesAnyShape(document: JSONValue) {
        #expect(GeneratedModels(document).listings.isEmpty)
        #expect(GeneratedModels(document).skipped == ["providers"])
    }
}
