import AlulaPrimitives
import Testing

@testable import AlulaModels

struct ProviderTableTests {
    private let table = ProviderTable.builtIn

    @Test func everyIdIsCanonicalAndComesOnce() {
        let ids = table.entries.map(\.id)
        #expect(Set(ids).count == ids.count)
        for id in ids { #expect(ProviderID(id.rawValue) == id) }
    }

    @Test func aliasesLeadToRowsInOneHop() {
        for (spelling, target) in table.authAliases {
            #expect(table[target] != nil, "\(spelling) leads nowhere")
            #expect(table.authAliases[target] == nil, "\(spelling) needs a second hop")
        }
        for (spelling, target) in table.modelAliases { #expect(table[target] != nil, "\(spelling) leads nowhere") }
    }

    // upstream: 10.10 model-auth: core rows replace manifest rows
    @Test(arguments: [
        ("openai", ["CODEX_API_KEY", "OPENAI_API_KEY"]),
        ("anthropic", ["ANTHROPIC_OAUTH_TOKEN", "ANTHROPIC_API_KEY"]),
        ("google", ["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
        ("github-copilot", ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"]),
        ("cerebras", ["CEREBRAS_API_KEY"]),
        ("minimax-cn", ["MINIMAX_CODE_PLAN_KEY", "MINIMAX_CODING_API_KEY", "MINIMAX_API_KEY"]),
        ("byteplus-plan", ["BYTEPLUS_API_KEY"]),
        ("moonshot-ai", ["MOONSHOT_API_KEY", "KIMI_API_KEY"]),
        ("modelstudio-api-key-cn", ["QWEN_API_KEY", "MODELSTUDIO_API_KEY", "DASHSCOPE_API_KEY"]),
        ("claude-cli", []),
        ("nobody", []),
    ])
    func namesCredentialVariablesInOrder(provider: String, variables: [String]) {
        #expect(table.environmentVariables(of: ProviderID(provider)) == variables)
    }

    @Test(arguments: [
        "AZURE_SPEECH_REGION", "SPEECH_REGION", "VOLCENGINE_TTS_APPID", "AWS_PROFILE", "AWS_ACCESS_KEY_ID",
    ])
    func takesNoVariableThatAloneSignsNothing(name: String) {
        #expect(!table.variables.contains(name))
    }

    @Test func keepsTheClaudeToolApartFromAnthropic() {
        #expect(table.authProvider(of: "claude-cli") == "claude-cli")
        #expect(table["claude-cli"]?.ambientLogin == .commandLineTool)
    }

    @Test func mapsSpellingsOfModelsWithoutMappingLogins() {
        #expect(table.modelProvider(of: "z.ai") == "zai")
        #expect(table.authProvider(of: "z.ai") == "z.ai")
        #expect(table.environmentVariables(of: "z.ai").isEmpty)
    }

    // upstream: 10.10 usage: exempt providers
    @Test func exemptsRoutersFromCooldown() {
        #expect(table.entries.filter(\.bypassesCooldown).map(\.id) == ["openrouter", "kilocode"])
    }

    @Test func showsBrandsOrIds() {
        #expect(table.statusName(of: "anthropic") == "Claude")
        #expect(table.statusName(of: "groq") == "groq")
    }

    @Test func carriesTheTestProvider() {
        #expect(table[ProviderTable.testProvider]?.ambientLogin == .builtIn)
    }
}

struct APIKindTests {
    @Test(arguments: APIKind.known) func readsItsOwnSpelling(kind: APIKind) {
        #expect(APIKind(kind.rawValue) == kind)
    }

    @Test func readsTheOlderCodexSpelling() {
        #expect(APIKind("openai-codex-responses") == .openAIChatGPTResponses)
    }

    @Test func keepsUnknownKinds() {
        #expect(APIKind("soap") == .unknown("soap"))
        #expect(APIKind("soap").rawValue == "soap")
    }
}
