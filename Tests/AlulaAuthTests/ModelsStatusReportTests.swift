import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct ModelsStatusReportTests {
    private func row(_ id: ProviderID, in scene: ReportScene) throws -> ModelsStatusReport.Provider {
        try #require(scene.models.providers.first { $0.answer.provider == id })
    }

    @Test func saysOfEveryProviderInUseHowItStands() throws {
        var scene = ReportScene()
        scene.context.providersInUse = ["anthropic", "groq", "openai"]
        scene.setVariable("OPENAI_API_KEY")
        scene.keep("anthropic:work", "anthropic", .apiKey)
        scene.setUsage("anthropic:work") { usage in
            usage.cooldownUntil = ReportScene.after(.seconds(240))
            usage.cooldownReason = .overloaded
        }
        let report = scene.models
        #expect(report.providers.map(\.answer.provider) == ["anthropic", "groq", "openai"])
        #expect(report.missingInUse == ["groq"])
        #expect(report.unusable.map(\.id) == ["anthropic:work"])

        let anthropic = try row("anthropic", in: scene)
        #expect(anthropic.answer.reasonCode == "cooldown")
        #expect(anthropic.answer.until == ReportScene.after(.seconds(240)))
        #expect(anthropic.answer.remedy == "wait, or run alula models auth clear-cooldown anthropic:work")
        #expect(anthropic.profiles.labels == ["anthropic:work=[secret] [cooldown 4m]"])
        #expect(anthropic.effective.kind == .profiles)

        let groq = try row("groq", in: scene)
        #expect(groq.effective.kind == .missing)
        #expect(groq.answer.remedy == "set GROQ_API_KEY or run alula models auth paste-api-key --provider groq")

        let openai = try row("openai", in: scene)
        #expect(openai.answer.evidence == "env: OPENAI_API_KEY")
        #expect(openai.effective == .init(kind: .environment, detail: "env: OPENAI_API_KEY"))
        #expect(openai.answer.remedy == nil)
    }

    @Test func showsWhatNobodyMentionsWhenItCouldBeUsed() {
        var scene = ReportScene()
        scene.context.providerIDs = ["groq", "mistral"]
        scene.setVariable("MISTRAL_API_KEY")
        #expect(scene.models.providers.map(\.answer.provider) == ["mistral"])
        #expect(scene.models.providers.map(\.isInUse) == [false])
    }

    @Test func labelsSayWhatAProfileHoldsWithoutSayingIt() throws {
        var scene = ReportScene()
        scene.keep("openai:a", "openai", .oauth, ends: .seconds(90 * 3600), email: "me@example.com")
        scene.keep("openai:b", "openai", .token)
        scene.keep("openai:c", "openai", reference: .init(source: .environment, provider: "default", id: "MY_KEY"))
        scene.keep("openai:d", "openai", .apiKey, hasToken: false)
        scene.keep("openai:e", "openai", .apiKey)
        scene.setUsage("openai:e") { usage in
            usage.disabledUntil = ReportScene.after(.seconds(5 * 3600))
            usage.disabledReason = .billing
        }
        #expect(
            try row("openai", in: scene).profiles.labels == [
                "openai:a=OAuth (me@example.com)", "openai:b=token:[secret]", "openai:c=ref(env:MY_KEY)",
                "openai:d=missing", "openai:e=[secret] [disabled:billing 5h]",
            ])
        #expect(scene.models.providersWithOAuth == ["openai (2)"])
    }

    // MARK: --check

    @Test(
        arguments: [
            ("openai", .seconds(90 * 3600), .passed), ("openai", .seconds(3600), .expiring),
            ("openai", .seconds(-60), .failed), ("openai", nil, .failed),
        ] as [(ProviderID, Duration?, CredentialCheck)])
    func checksTheLoginsOfProvidersInUse(_ provider: ProviderID, ends: Duration?, check: CredentialCheck) {
        var scene = ReportScene()
        scene.context.providersInUse = [provider]
        scene.keep("openai:default", "openai", .oauth, ends: ends)
        #expect(scene.models.check == check)
    }

    @Test func keysAlonePass() {
        var scene = ReportScene()
        scene.context.providersInUse = ["openai"]
        scene.keep("openai:default", "openai", .apiKey)
        #expect(scene.models.check == .passed)
    }

    @Test func aProviderInUseWithoutCredentialFails() {
        var scene = ReportScene()
        scene.context.providersInUse = ["openai", "groq"]
        scene.keep("openai:default", "openai", .oauth, ends: .seconds(3600))
        #expect(scene.models.check == .failed, "failing comes before expiring")
    }

    @Test func anEndedLoginDoesNotMatterWhereTheEnvironmentHasAKey() {
        var scene = ReportScene()
        scene.context.providersInUse = ["openai"]
        scene.configure("openai", auth: "oauth")
        scene.setVariable("OPENAI_API_KEY")
        #expect(scene.models.check == .passed)
    }

    @Test func aRestingProviderIsNotMissing() {
        var scene = ReportScene()
        scene.context.providersInUse = ["groq"]
        scene.keep("groq:default", "groq", .apiKey)
        scene.setUsage("groq:default") { $0.cooldownUntil = ReportScene.after(.seconds(30)) }
        #expect(scene.models.missingInUse.isEmpty)
        #expect(scene.models.check == .passed)
    }

    // MARK: Remedies

    @Test(
        arguments: [
            ("groq", "set GROQ_API_KEY or run alula models auth paste-api-key --provider groq"),
            ("anthropic", "set ANTHROPIC_API_KEY or run alula models auth paste-api-key --provider anthropic"),
            ("minimax-cn", "set MINIMAX_API_KEY or run alula models auth paste-api-key --provider minimax"),
            ("claude-cli", "run claude and log in"),
            ("openai-codex", "run alula models auth login --provider openai-codex"),
            ("google-vertex", "run gcloud auth application-default login"),
            ("llama-cpp", "start the server and add models.providers.llama-cpp with its baseUrl, api and models"),
            (
                "github-copilot",
                "set COPILOT_GITHUB_TOKEN or run alula models auth login --provider github-copilot"
            ),
            (
                "my-own",
                "run alula models auth paste-api-key --provider my-own, or set models.providers.my-own.apiKey"
            ),
        ] as [(ProviderID, String)])
    func saysHowToLogIn(_ provider: ProviderID, _ remedy: String) {
        let book = RemedyBook(context: ReportScene().context)
        #expect(book.remedy(for: .unavailable(.noLogin, until: nil), provider: provider) == remedy)
    }

    @Test func everyReasonHasARemedy() {
        let book = RemedyBook(context: ReportScene().context)
        for reason in UnavailableReason.allCases {
            #expect(book.remedy(for: .unavailable(reason, until: nil), provider: "openai")?.isEmpty == false)
            #expect(!reason.phrase.isEmpty)
        }
        for reason in UnknownReason.allCases {
            #expect(book.remedy(for: .unknown(reason), provider: "openai")?.isEmpty == false)
            #expect(!reason.phrase.isEmpty)
        }
    }

    @Test(
        arguments: [
            ("groq", .token, "run alula models auth paste-token --provider groq --profile-id groq:x"),
            ("openai-codex", .oauth, "run alula models auth login --provider openai-codex --profile-id openai-codex:x"),
            ("chutes", .oauth, "run alula models auth login --provider chutes --profile-id chutes:x"),
            (
                "github-copilot", .token,
                "run alula models auth login --provider github-copilot --profile-id github-copilot:x"
            ),
            ("openai", .oauth, "run alula models auth logout --provider openai, then codex login"),
            (
                "anthropic", .oauth,
                "log in again with the program that stored the login, or run alula models auth paste-api-key --provider anthropic --profile-id anthropic:x"
            ),
        ] as [(ProviderID, ProfileFact.Kind, String)])
    func anEndedLoginIsRenewedByItsOwnMeans(_ provider: ProviderID, _ kind: ProfileFact.Kind, _ remedy: String) throws {
        var scene = ReportScene()
        scene.keep(ProfileID("\(provider):x"), provider, kind, ends: .seconds(-60), canRenew: false)
        #expect(try row(provider, in: scene).answer.reasonCode == "expired")
        #expect(try row(provider, in: scene).answer.remedy == remedy)
    }

    @Test func anUnsetVariableIsNamed() throws {
        var scene = ReportScene()
        scene.context.providersInUse = ["groq"]
        scene.configure("groq", key: .reference(.init(source: .environment, provider: "default", id: "MY_GROQ_KEY")))
        #expect(try row("groq", in: scene).answer.reasonCode == "unresolved_ref")
        #expect(try row("groq", in: scene).answer.remedy == "set MY_GROQ_KEY")
    }

    @Test func aSourceThatKnowsItsRemedyHasTheWord() {
        var scene = ReportScene()
        scene.facts.stores[ReportScene.store] = .failed(
            SourceProblem(.malformed, "The file is not JSON.", path: "/x", remedy: "restore /x from a backup"))
        #expect(scene.reader.answer(for: "mistral").remedy == "restore /x from a backup")
    }
}
