import AlulaPrimitives
import Testing

@testable import AlulaModels

struct MarkerTableTests {
    // upstream: 10.10 model-auth-markers
    @Test(arguments: [
        ("custom-local", MarkerTable.Kind.localServer),
        (" ollama-local ", .localServer),
        ("lmstudio-local", .localServer),
        ("secretref-managed", .managedReference),
        ("secretref-env:MY_KEY", .environmentReference(name: "MY_KEY")),
        ("oauth:chutes", .oauth("chutes")),
        ("minimax-oauth", .oauth(nil)),
        ("gcp-vertex-credentials", .googleCredentials),
        ("codex-app-server", .codexServer),
        ("AWS_PROFILE", .aws(name: "AWS_PROFILE")),
        ("AWS_BEARER_TOKEN_BEDROCK", .aws(name: "AWS_BEARER_TOKEN_BEDROCK")),
        ("OPENAI_API_KEY", .environmentVariable(name: "OPENAI_API_KEY")),
        ("AZURE_API_KEY", .environmentVariable(name: "AZURE_API_KEY")),
    ])
    func recognises(text: String, kind: MarkerTable.Kind) {
        #expect(MarkerTable.kind(of: text) == kind)
        #expect(MarkerTable.isMarker(text))
    }

    @Test(arguments: ["", "sk-FAKE", "openai_api_key", "oauth:", "secretref-env:", "SPEECH_REGION", "AWS_REGION"])
    func takesOtherTextsForSecrets(text: String) {
        #expect(!MarkerTable.isMarker(text))
    }

    @Test func listsEveryFixedWord() {
        for word in MarkerTable.fixedWords { #expect(MarkerTable.isMarker(word)) }
        #expect(MarkerTable.fixedWords.contains("secretref-managed"))
    }
}

struct CredentialVariablesTests {
    @Test func takesTheExclusiveVariableAlone() {
        let names = CredentialVariables(provider: "openai")
        #expect(
            names.candidates(among: ["OPENAI_API_KEY", "OPENCLAW_LIVE_OPENAI_KEY"]) == ["OPENCLAW_LIVE_OPENAI_KEY"])
    }

    @Test func ordersListThenSingleThenNumbered() {
        let set = [
            "OPENAI_API_KEY_10", "OPENAI_API_KEY_2", "OPENAI_API_KEY_WORK", "OPENAI_API_KEY", "OPENAI_API_KEYS",
            "OPENAI_API_KEY_FILE", "OTHER",
        ]
        #expect(
            CredentialVariables(provider: "openai").candidates(among: set) == [
                "OPENAI_API_KEYS", "OPENAI_API_KEY", "OPENAI_API_KEY_2", "OPENAI_API_KEY_10", "OPENAI_API_KEY_WORK",
            ])
    }

    @Test func spellsDashesAsUnderscores() {
        #expect(CredentialVariables(provider: "github-copilot").list == "GITHUB_COPILOT_API_KEYS")
    }

    @Test func findsBothGoogleSpellings() {
        #expect(
            CredentialVariables(provider: "google").candidates(among: ["GEMINI_API_KEY", "GOOGLE_API_KEY"]) == [
                "GOOGLE_API_KEY", "GEMINI_API_KEY",
            ])
    }

    @Test func splitsListsAtCommasAndSemicolons() {
        let keys = CredentialVariables.split(Secret("FAKE-a, FAKE-b;;FAKE-a ; FAKE-c"))
        #expect(keys.map(\.exposed) == ["FAKE-a", "FAKE-b", "FAKE-c"])
    }
}
