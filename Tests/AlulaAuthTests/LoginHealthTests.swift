import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// How single logins stand in `models.authStatus`.
struct LoginHealthTests {
    private func profile(_ id: ProfileID, in scene: ReportScene) throws -> AuthStatusReport.Profile {
        try #require(scene.status.providers.flatMap(\.profiles).first { $0.id == id })
    }

    // upstream: 10.10 auth-health
    @Test(
        arguments: [(.seconds(90 * 3600), .ok), (.seconds(3600), .expiring), (.seconds(-60), .expired)]
            as [(Duration, CredentialStatus)])
    func aLoginThatCannotBeRenewedIsJudgedByItsEnd(ends: Duration, status: CredentialStatus) throws {
        for canRenew in [true, false] {
            var scene = ReportScene()
            scene.keep("openai:a", "openai", .oauth, ends: ends, canRenew: canRenew)
            #expect(try profile("openai:a", in: scene).status == status)
        }
    }

    // upstream: 10.10 auth-health
    @Test func aLoginOfThisRunStandsBesideTheStoredOnes() throws {
        var scene = ReportScene()
        scene.keep("claude-cli:old", "claude-cli", .oauth, ends: .seconds(-60))
        scene.leaveLogin(.claudeCode, ends: .seconds(90 * 3600))
        scene.context.providersInUse = ["claude-cli"]
        #expect(try profile("anthropic:claude-cli", in: scene).status == .ok)
        #expect(try profile("anthropic:claude-cli", in: scene).source == "Claude Code")
        #expect(try profile("claude-cli:old", in: scene).status == .expired)
        #expect(try profile("claude-cli:old", in: scene).source == "store")
    }

    // upstream: 10.10 auth-health
    @Test func theOwnersNameForALoginIsShown() throws {
        var scene = ReportScene()
        scene.keep("openai:a", "openai", .oauth, ends: .seconds(90 * 3600), email: "me@example.com")
        scene.name("openai:a", "Work")
        #expect(try profile("openai:a", in: scene).displayName == "Work")
        #expect(try profile("openai:a", in: scene).email == "me@example.com")
    }
}

/// One login, asked about in every place that answers: they read the same facts and say the same.
struct EverySurfaceTests {
    /// A way to be signed in to `mine` or not, and whether it counts.
    enum Login: CaseIterable {
        case nothing, variable, key, token, endedToken, login, endedLogin, emptyLogin, literal, pointer, danglingPointer
        case localServer, restingKey

        var isAvailable: Bool {
            switch self {
            case .nothing, .endedToken, .endedLogin, .emptyLogin, .danglingPointer, .restingKey: false
            case .variable, .key, .token, .login, .literal, .pointer, .localServer: true
            }
        }
    }

    private func scene(_ login: Login) -> ReportScene {
        var scene = ReportScene()
        scene.context.providersInUse = ["groq"]
        scene.context.providerIDs = ["groq"]
        let pointer = SecretReference(source: .environment, provider: "default", id: "TEAM_KEY")
        switch login {
        case .nothing: break
        case .variable: scene.setVariable("GROQ_API_KEY")
        case .key: scene.keep("groq:a", "groq", .apiKey)
        case .token: scene.keep("groq:a", "groq", .token, ends: .seconds(3600))
        case .endedToken: scene.keep("groq:a", "groq", .token, ends: .seconds(-1))
        case .login: scene.keep("groq:a", "groq", .oauth, ends: .seconds(3600))
        case .endedLogin: scene.keep("groq:a", "groq", .oauth, ends: .seconds(-1), canRenew: false)
        case .emptyLogin: scene.keep("groq:a", "groq", .oauth, ends: .seconds(3600), hasToken: false)
        case .literal: scene.configure("groq", key: .literal)
        case .pointer:
            scene.setVariable("TEAM_KEY")
            scene.keep("groq:a", "groq", reference: pointer)
        case .danglingPointer: scene.keep("groq:a", "groq", reference: pointer)
        case .localServer:
            scene.context.providers["groq"] = .init(
                id: "groq", baseURL: "http://127.0.0.1:8000/v1", api: "openai-completions", modelCount: 1)
        case .restingKey:
            scene.keep("groq:a", "groq", .apiKey)
            scene.setUsage("groq:a") { $0.cooldownUntil = ReportScene.after(.seconds(30)) }
        }
        return scene
    }

    // One code path answers the list, the status, the logins and the prepared snapshot; they can't disagree.
    @Test(.bug(id: "B30"), .bug(id: "B29"), arguments: Login.allCases) func allSayTheSame(login: Login) throws {
        let scene = scene(login)
        let reader = scene.reader
        #expect(reader.prepared.answer("groq", for: .main)?.isAvailable == login.isAvailable)
        #expect(reader.availability(of: "groq").isAvailable == login.isAvailable)
        let rows = ModelRow.rows(of: [.init(id: "llama", provider: "groq", name: "L")], view: .all, reader: reader)
        #expect(rows.map(\.isAvailable) == [login.isAvailable])
        let row = try #require(scene.models.providers.first { $0.answer.provider == "groq" })
        #expect(row.answer.isAvailable == login.isAvailable)
        if login.isAvailable { #expect(row.effective.kind != .missing) }
        for provider in scene.status.providers where provider.id == "groq" {
            #expect(provider.answer == row.answer)
            if provider.status == .ok { #expect(login.isAvailable) }
        }
    }
}
