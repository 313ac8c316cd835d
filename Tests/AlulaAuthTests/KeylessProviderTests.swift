import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// Providers that need no key of their own: local servers, and logins that a tool or a cloud owns.
struct KeylessProviderTests {
    // upstream: 10.10 model-auth
    @Test(
        arguments: [
            ("claude-cli", LoginTool.claudeCode, "profile:anthropic:claude-cli"),
            ("codex", .codex, "Codex CLI native auth"), ("codex-app-server", .codex, "Codex CLI native auth"),
        ] as [(ProviderID, LoginTool, String)])
    func aToolsOwnProviderNeedsItsLogin(provider: ProviderID, tool: LoginTool, label: String) {
        var scene = EvaluationScene()
        #expect(scene.answer(provider) == .unavailable(.noLogin, until: nil))
        scene.facts.logins[tool] = LoginFact.sample(tool)
        #expect(scene.evidence(provider)?.label == label)
        scene.facts.logins[tool] = LoginFact.sample(tool, left: .hours(-1))
        #expect(scene.answer(provider) == .unavailable(.expired, until: nil))
    }

    // upstream: 10.10 model-auth
    @Test func lmstudioListsItsModelsAndHasNoHeader() {
        func answer(models: Int, hasHeader: Bool) -> Bool {
            var scene = EvaluationScene()
            scene.context.providers["lmstudio"] = .init(
                id: "lmstudio", modelCount: models, hasAuthorizationHeader: hasHeader)
            return scene.evidence("lmstudio")?.label == "custom-local"
        }
        #expect(answer(models: 1, hasHeader: false))
        #expect(!answer(models: 0, hasHeader: false))
        #expect(!answer(models: 1, hasHeader: true))
    }

    // upstream: 10.10 model-auth
    @Test(arguments: [("http://127.0.0.1:11434", true), ("https://ollama.example.com", false), (nil, false)])
    func ollamaIsTakenAtItsAddress(url: String?, isAvailable: Bool) {
        var scene = EvaluationScene()
        scene.context.providers["ollama"] = .init(id: "ollama", baseURL: url)
        #expect((scene.evidence("ollama")?.label == "ollama-local") == isAvailable)
    }

    // upstream: 10.10 model-auth
    @Test(arguments: [
        ("custom-local", "http://127.0.0.1:8000/v1", true), ("custom-local", "https://llm.example.com/v1", false),
        ("minimax-oauth", "http://127.0.0.1:8000/v1", false),
    ])
    func aMarkerForAKeyCountsOnACompleteLocalEntry(marker: String, url: String, isAvailable: Bool) {
        var scene = EvaluationScene()
        scene.context.providers["my-box"] = .init(
            id: "my-box", key: .marker(marker), baseURL: url, api: "openai-completions", modelCount: 1)
        #expect(scene.answer("my-box").isAvailable == isAvailable)
    }

    // upstream: 10.10 model-auth
    @Test func whatNeedsNoKeyComesAfterEveryKey() {
        var scene = EvaluationScene()
        scene.context.providers["vllm"] = .init(
            id: "vllm", baseURL: "http://127.0.0.1:8000/v1", api: "openai-completions", modelCount: 1)
        scene.setVariables(["VLLM_API_KEY": "sk-fake"])
        scene.keep(["vllm:a": .key("vllm")])
        #expect(
            scene.evaluate("vllm").candidates.map(\.label) == ["profile:vllm:a", "env: VLLM_API_KEY", "custom-local"])
    }

    // upstream: 10.10 model-auth-env
    @Test func xaiTakesItsVariable() {
        var scene = EvaluationScene()
        #expect(!scene.answer("xai").isAvailable)
        scene.setVariables(["XAI_API_KEY": "sk-fake"])
        #expect(scene.evidence("xai")?.label == "env: XAI_API_KEY")
    }

    // upstream: 10.10 model-auth
    @Test func anthropicOnVertexNeedsGooglesLogin() {
        var scene = EvaluationScene()
        #expect(scene.answer("anthropic-vertex") == .unavailable(.noLogin, until: nil))
        scene.leaveGoogleCredentials()
        #expect(scene.evidence("anthropic-vertex")?.label == "gcloud adc")
    }

    // The machine's own account can't be told without asking the network, so the switch alone proves nothing.
    @Test(arguments: ["1", "true", "TRUE"]) func anthropicOnVertexMayHaveTheMachinesAccount(text: String) {
        var scene = EvaluationScene()
        scene.setVariables(["ANTHROPIC_VERTEX_USE_GCP_METADATA": text])
        #expect(scene.answer("anthropic-vertex") == .unknown(.needsInteraction))
    }
}

/// What Google Vertex needs: an account, a project and a location, or a key.
struct VertexEvidenceTests {
    private let place = ["GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"]

    private func scene(_ variables: [String: String], hasAccount: Bool = true) -> EvaluationScene {
        var scene = EvaluationScene()
        scene.setVariables(variables)
        if hasAccount { scene.leaveGoogleCredentials() }
        return scene
    }

    // upstream: 10.10 model-auth.profiles
    @Test(
        arguments: [
            (["GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"], nil),
            (["GCLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"], nil),
            (["GOOGLE_CLOUD_PROJECT": "p"], .incompleteSettings),
            (["GOOGLE_CLOUD_LOCATION": "l"], .incompleteSettings), ([:], .incompleteSettings),
        ] as [([String: String], UnavailableReason?)])
    func anAccountNeedsAProjectAndALocation(variables: [String: String], reason: UnavailableReason?) {
        let answer = scene(variables).answer("google-vertex")
        if let reason {
            #expect(answer == .unavailable(reason, until: nil))
        } else {
            #expect(answer.isAvailable)
        }
    }

    // upstream: 10.10 model-auth.profiles
    @Test func aProjectAndALocationNeedAnAccount() {
        #expect(scene(place, hasAccount: false).answer("google-vertex") == .unavailable(.noLogin, until: nil))
    }

    // upstream: 10.10 model-auth.profiles
    @Test(
        arguments: [
            (.pending, .unknown(.notReadYet)), (.timedOut(afterMilliseconds: 2000), .unknown(.sourceTimedOut)),
            (
                .failed(SourceProblem(.malformed, "Half of it.", path: "/adc.json", remedy: "Log in again.")),
                .unavailable(.unusableStore, until: nil)
            ),
        ] as [(Reading<GoogleCredentialsFact>, Availability)])
    func anAccountThatCantBeReadIsNamed(reading: Reading<GoogleCredentialsFact>, answer: Availability) {
        var scene = scene(place, hasAccount: false)
        scene.facts.googleCredentials = reading
        #expect(scene.answer("google-vertex") == answer)
    }

    // upstream: 10.10 model-auth.profiles
    @Test func aKeyComesBeforeTheAccount() {
        let scene = scene(place.merging(["GOOGLE_CLOUD_API_KEY": "fake"]) { old, _ in old })
        #expect(scene.evidence("google-vertex")?.label == "env: GOOGLE_CLOUD_API_KEY")
    }

    // upstream: 10.10 model-auth.profiles
    @Test func theMarkerOfTheAccountIsNoKey() {
        var scene = scene(["GOOGLE_CLOUD_API_KEY": "gcp-vertex-credentials"], hasAccount: false)
        scene.facts.environment.markers["GOOGLE_CLOUD_API_KEY"] = "gcp-vertex-credentials"
        #expect(scene.answer("google-vertex") == .unavailable(.noLogin, until: nil))
    }

    // upstream: 10.10 model-auth.profiles
    @Test func theAccountSaysNothingAboutOtherProviders() {
        #expect(!scene(place).answer("google").isAvailable)
        #expect(!scene(place).answer("vertex").isAvailable)
    }
}
