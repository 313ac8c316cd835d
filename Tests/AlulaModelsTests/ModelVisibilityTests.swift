import AlulaPrimitives
import Testing

@testable import AlulaModels

/// What an allow list does to the models of a catalog, and what it leaves alone.
struct ModelVisibilityTests {
    private let names = ModelNames()
    private let catalog = ModelCatalog(
        configured: [
            ProviderListing(provider: "mine", models: [.init(id: "Qwen3-Coder:30B"), .init(id: "tiny")]),
            ProviderListing(provider: "zai", models: [.init(id: "GLM-5")]),
        ])

    private func shown(_ policy: [String]?) -> [String] {
        let selection = ModelSelection.resolve(defaults: .init(primary: "mine/tiny"), names: names)
        let list = ModelAllowList(policy: policy, agentPolicy: nil, selection: selection, names: names)
        return catalog.models.map(\.reference).filter(list.allows).map(\.description)
    }

    // upstream: 10.9 visibility
    @Test func withoutAListEveryModelIsShownUnderItsOwnName() {
        #expect(shown(nil) == catalog.models.map(\.reference.description))
        #expect(shown([]).contains("mine/Qwen3-Coder:30B"))
        #expect(shown([]).contains("zai/GLM-5"))
    }

    // upstream: 10.9 visibility
    @Test(arguments: ["z.ai/GLM-5", " ZAI / GLM-5 ", "zai/GLM-5"])
    func anExactEntryIsReadInAnySpellingOfItsProvider(entry: String) {
        #expect(shown([entry]) == ["mine/tiny", "zai/GLM-5"])
    }

    // upstream: 10.9 visibility; 10.9 browse
    @Test func aWildcardShowsAllOfItsProviderAndNothingElse() {
        #expect(shown(["mine/*"]) == ["mine/Qwen3-Coder:30B", "mine/tiny"])
        #expect(Set(shown(["mine/*", "openai/*"]).map { $0.prefix { $0 != "/" } }) == ["mine", "openai"])
    }

    // upstream: 10.9 visibility
    @Test func aWildcardOverAProviderWithoutModelsOpensNothing() {
        #expect(shown(["ghost/*"]) == ["mine/tiny"])
        #expect(shown(["ghost/*", "ghost/one"]) == ["mine/tiny"])
    }
}
