import AlulaPrimitives
import Testing

@testable import AlulaModels

/// What models of GitHub's Copilot are asked through.
struct CopilotModelTests {
    private static func catalog(_ listings: [ProviderListing] = []) -> ModelCatalog {
        ModelCatalog(configured: listings)
    }

    @Test(arguments: [
        ("claude-sonnet-4.6", APIKind.anthropicMessages), ("Claude-Opus-4.7", .anthropicMessages),
        ("gpt-5.5", .openAIResponses), ("gpt-5-mini", .openAICompletions), ("gpt-5.4-mini", .openAIResponses),
        ("gpt-12", .openAIResponses),
        ("gpt-5.3-codex", .openAIResponses), ("codex-next", .openAIResponses), ("gpt-4.1", .openAICompletions),
        ("gpt-4o", .openAICompletions), ("gpt-4o-mini", .openAICompletions), ("gpt-", .openAICompletions),
        ("gpt-٥", .openAICompletions), ("gpt-99999999999999999999", .openAICompletions),
        ("gemini-3.1-pro-preview", .openAICompletions), ("grok-code-fast-1", .openAICompletions),
        ("text-embedding-3-small", .openAICompletions), ("", .openAICompletions),
    ])
    func aModelIsAskedThroughItsMakersAPI(model: String, expected: APIKind) {
        let reference = ModelReference(provider: "github-copilot", model: ModelID(model))
        #expect(Self.catalog().api(of: reference) == expected)
    }

    @Test func whatTheConfigurationSaysOfAModelCounts() {
        let listing = ProviderListing(
            provider: "github-copilot", models: [.init(id: "gpt-5.5", api: .openAICompletions), .init(id: "claude-9")])
        let catalog = Self.catalog([listing])
        #expect(
            catalog.api(of: ModelReference(provider: "github-copilot", model: "gpt-5.5")) == .openAICompletions)
        #expect(
            catalog.api(of: ModelReference(provider: "github-copilot", model: "claude-9")) == .anthropicMessages)
    }

    /// Its logins are exchanged under whatever name, and whatever its models speak.
    @Test func copilotIsKnownByItsNameAndByItsKind() {
        let catalog = Self.catalog([
            ProviderListing(provider: "github-copilot", api: .openAICompletions),
            ProviderListing(provider: "work", baseURL: "https://a", api: .githubCopilot),
            ProviderListing(provider: "lab", baseURL: "https://a", api: .openAICompletions),
        ])
        for provider in ["github-copilot", "work"] as [ProviderID] { #expect(catalog.isCopilot(provider)) }
        for provider in ["lab", "openai", "copilot-proxy", "nobody"] as [ProviderID] {
            #expect(!catalog.isCopilot(provider))
        }
        #expect(catalog.api(of: ModelReference(provider: "work", model: "claude-x")) == .anthropicMessages)
        #expect(catalog.api(of: ModelReference(provider: "github-copilot", model: "claude-x")) == .openAICompletions)
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/copilot_internal/v2/token"),
            ("http://localhost:1", "http://localhost:1/copilot_internal/v2/token"), ("http://127.0.0.1", nil),
            ("https://127.0.0.1:1", nil), ("http://127.0.0.1:1/", nil), ("http://127.0.0.1:0", nil),
            ("http://127.0.0.1:65536", nil), ("http://127.0.0.1:1@sign.example:80", nil),
            ("http://sign.example:80", nil),
            ("http://127.0.0.1:+1", nil), ("", nil),
        ] as [(String, String?)])
    func onlyAServerOfThisMachinePlaysAProvider(address: String, expected: String?) {
        let entry = PassEndpointEntry.gitHubCopilot(version: "1.2.3")
        #expect(LocalServer(address).map { entry.played(by: $0).url } == expected)
    }
}
