import AlulaPrimitives
import Testing

@testable import AlulaModels

struct ModelCapabilityTests {
    private static let everything = ModelCapability.allCases
    private static let media: [ModelCapability] = [.images, .files, .audio, .video]

    /// What is known of a model, and what it then lacks.
    @Test(
        arguments: [
            (nil, nil, []),
            ([.text], nil, media),
            ([.text, .image], nil, []),
            ([.text, .document], nil, [.images]),
            ([.image], nil, []),
            ([.audio], nil, [.images]),
            (nil, true, []),
            (nil, false, [.tools]),
            ([.text], false, everything),
        ] as [([CatalogModel.Input]?, Bool?, [ModelCapability])])
    func lacksWhatItIsKnownNotToTake(input: [CatalogModel.Input]?, tools: Bool?, lacking: [ModelCapability]) {
        var model = CatalogModel(provider: "mine", id: "m", input: input, origin: .configured)
        model.compatibility.supportsTools = tools
        #expect(ModelCapability.allCases.filter(model.lacks) == lacking)
    }

    private func listing(_ input: [CatalogModel.Input]?) -> ProviderListing {
        ProviderListing(
            provider: "deepseek", models: [.init(id: "deepseek-v4-pro", input: input), .init(id: "x", input: input)])
    }

    private func lacksImages(_ id: ModelID, in catalog: ModelCatalog) -> Bool? {
        catalog[ModelReference(provider: "deepseek", model: id)]?.lacks(.images)
    }

    /// Whoever writes such a list fills in `text` where nothing is known.
    @Test func aGeneratedListSaysNothingOfWhatAModelLacks() {
        let catalog = ModelCatalog(generated: GeneratedModels(listings: [listing([.text])]))
        #expect(lacksImages("x", in: catalog) == false)
        #expect(lacksImages("deepseek-v4-pro", in: catalog) == true, "It is built in.")
    }

    @Test func theConfigurationSaysItFirst() {
        #expect(lacksImages("x", in: ModelCatalog(configured: [listing([.text])])) == true)
        let sees = ModelCatalog(configured: [listing([.text, .image])])
        #expect(lacksImages("x", in: sees) == false && lacksImages("deepseek-v4-pro", in: sees) == false)
        let silent = ModelCatalog(configured: [listing(nil)])
        #expect(lacksImages("x", in: silent) == false && lacksImages("deepseek-v4-pro", in: silent) == true)
    }

    @Test func theTestModelTakesEverything() {
        let model = ModelCatalog()[BuiltInModels.test]
        #expect(model.map { model in ModelCapability.allCases.filter(model.lacks) } == [])
    }
}
