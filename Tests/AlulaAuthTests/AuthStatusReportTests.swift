import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct AuthStatusReportTests {
    private func provider(_ id: ProviderID, in scene: ReportScene) throws -> AuthStatusReport.Provider {
        try #require(scene.status.providers.first { $0.id == id })
    }

    // MARK: Which providers

    @Test func listsTheStoreWhenNothingRenewableIsConfigured() {  // upstream: 10.7 1, 10.7 5
        var scene = ReportScene()
        scene.keep("groq:default", "groq", .apiKey)
        scene.keep("anthropic:work", "anthropic", .oauth, ends: .seconds(90 * 3600))
        #expect(scene.status.providers.map(\.id) == ["anthropic", "groq"])
        #expect(scene.status.providers.map(\.status) == [.ok, .static])
    }

    @Test func listsOnlyWhatIsConfiguredOnceAnythingRenewableIs() {
        var scene = ReportScene()
        scene.keep("groq:default", "groq", .apiKey)
        scene.configureProfile("openai:work", provider: "openai", mode: "oauth")
        #expect(scene.status.providers.map(\.id) == ["openai"])
    }

    @Test(
        arguments: [
            (.literal, false),  // upstream: 10.7 10
            (.reference(.init(source: .environment, provider: "default", id: "UNSET_KEY")), true),  // upstream: 10.7 11
            (.reference(.init(source: .environment, provider: "default", id: "SET_KEY")), false),  // upstream: 10.7 12
            (.reference(.init(source: .file, provider: "vault", id: "/key")), false),
            (.reference(.init(source: .helper, provider: "vault", id: "key")), false),
            (.absent, true),
        ] as [(AuthContext.Provider.Key, Bool)])
    func watchesNoLoginWhereTheConfigurationHasAKey(_ key: AuthContext.Provider.Key, isListed: Bool) {
        var scene = ReportScene()
        scene.setVariable("SET_KEY")
        scene.configure("openai", auth: "oauth", key: key)
        #expect(scene.status.providers.contains { $0.id == "openai" } == isListed)
    }

    @Test func theKeyCountsForConfiguredProfilesToo() {  // upstream: 10.7 13
        var scene = ReportScene()
        scene.setVariable("SET_KEY")
        scene.configure("openai", key: .reference(.init(source: .environment, provider: "default", id: "SET_KEY")))
        scene.configureProfile("openai:work", provider: "openai", mode: "oauth")
        #expect(scene.status.providers.isEmpty)
    }

    @Test func keepsSpellingsOfAProviderApart() {  // upstream: 10.7 14, 10.10 auth-health: no id aliasing
        var scene = ReportScene()
        scene.configureProfile("z.ai:default", provider: "z.ai", mode: "oauth")
        scene.configureProfile("zai:default", provider: "zai", mode: "oauth")
        scene.keep("zai:default", "zai", .oauth, ends: .seconds(90 * 3600))
        #expect(scene.status.providers.map(\.id) == ["z.ai", "zai"])
        #expect(scene.status.providers.map(\.status) == [.missing, .ok])
    }

    @Test func aKeyIsNoReplacementForAConfiguredLogin() throws {  // upstream: 10.7 15
        var scene = ReportScene()
        scene.configure("openai", auth: "oauth")
        scene.keep("openai:default", "openai", .apiKey)
        let openai = try provider("openai", in: scene)
        #expect(openai.status == .missing)
        #expect(openai.profiles.map(\.status) == [.static])
        #expect(openai.expiry == nil)
    }

    // MARK: Other tools' logins

    @Test func looksOnlyAtToolsThatTheConfigurationNames() throws {  // upstream: 10.7 6
        var scene = ReportScene()
        scene.leaveLogin(.codex, ends: .seconds(90 * 3600))
        scene.leaveLogin(.claudeCode, ends: .seconds(90 * 3600))
        scene.context.providersInUse = ["openai"]
        #expect(scene.status.providers.map(\.id) == ["openai"])
        #expect(try provider("openai", in: scene).profiles.map(\.source) == ["Codex CLI"])
    }

    @Test func looksAtNoToolWithoutASignalFromTheConfiguration() {  // upstream: 10.7 7
        var scene = ReportScene()
        scene.leaveLogin(.codex, ends: .seconds(90 * 3600))
        #expect(scene.status.providers.isEmpty)
    }

    // upstream: 10.10 auth-health: CLI state does not mask expired canonical state; reported: B33
    @Test func aToolsLoginDoesNotHideThatTheStoredOneHasEnded() throws {
        var scene = ReportScene()
        scene.keep("openai:default", "openai", .oauth, ends: .seconds(-3600))
        scene.leaveLogin(.codex, ends: .seconds(90 * 3600))
        scene.context.providersInUse = ["openai"]
        #expect(try provider("openai", in: scene).status == .expired)
    }

    // MARK: One profile

    @Test(
        arguments: [
            (.apiKey, nil, .static), (.apiKey, .seconds(-5), .static), (.token, nil, .static),
            (.token, .seconds(90 * 3600), .ok), (.token, .seconds(3600), .expiring), (.token, .seconds(-1), .expired),
            (.oauth, .seconds(90 * 3600), .ok), (.oauth, .seconds(24 * 3600), .expiring),
            (.oauth, .seconds(24 * 3600 + 1), .ok), (.oauth, .seconds(299), .expiring), (.oauth, .zero, .expired),
            (.oauth, .seconds(-60), .expired), (.oauth, nil, .missing),
        ] as [(ProfileFact.Kind, Duration?, CredentialStatus)])
    // upstream: 10.10 auth-health: classification, margins; reported: B31, an ended login was called ok
    func classifiesByKindAndEnd(_ kind: ProfileFact.Kind, ends: Duration?, status: CredentialStatus) throws {
        var scene = ReportScene()
        scene.keep("openai:default", "openai", kind, ends: ends)
        #expect(try provider("openai", in: scene).profiles.map(\.status) == [status])
    }

    @Test(arguments: [ProfileFact.Kind.token, .oauth])
    func anEmptyLoginIsMissing(_ kind: ProfileFact.Kind) throws {
        var scene = ReportScene()
        scene.keep("openai:default", "openai", kind, ends: .seconds(90 * 3600), hasToken: false)
        let profile = try #require(try provider("openai", in: scene).profiles.first)
        #expect(profile.status == .missing)
        #expect(profile.ineligibility == .missingCredential)
    }

    @Test func anImpossibleEndIsIgnored() throws {  // upstream: 10.7 31, 10.10 auth-health: invalid expiry
        var scene = ReportScene()
        scene.keep("openai:a", "openai", .token, expiry: .invalid)
        scene.keep("openai:b", "openai", .token, ends: .seconds(90 * 3600))
        let openai = try provider("openai", in: scene)
        #expect(openai.profiles.map(\.ineligibility) == [.invalidExpiry, nil])
        #expect(openai.profiles.map(\.status) == [.missing, .ok])
        #expect(openai.status == .ok)
        #expect(openai.expiry?.at == ReportScene.after(.seconds(90 * 3600)))
    }

    // MARK: Roll-up

    @Test func anEndedTokenBesideAHealthyLoginDoesNotCount() throws {  // upstream: 10.7 25
        var scene = ReportScene()
        scene.keep("openai:login", "openai", .oauth, ends: .seconds(90 * 3600))
        scene.keep("openai:token", "openai", .token, ends: .seconds(-60))
        let openai = try provider("openai", in: scene)
        #expect(openai.status == .ok)
        #expect(openai.profiles.map(\.status) == [.ok, .expired])
    }

    // upstream: 10.7 26, 10.10 auth-health: effective ordering
    @Test func onlyTheOrderedProfilesCountAndAllStayVisible() throws {
        var scene = ReportScene()
        scene.keep("openai:new", "openai", .oauth, ends: .seconds(90 * 3600))
        scene.keep("openai:old", "openai", .oauth, ends: .seconds(-60))
        scene.setOrder("openai", ["openai:new"])
        let openai = try provider("openai", in: scene)
        #expect(openai.status == .ok)
        #expect(openai.profiles.map(\.id) == ["openai:new", "openai:old"])
        #expect(openai.order == ["openai:new"])
    }

    @Test func anEmptyOrderLeavesNothing() throws {  // upstream: 10.10 auth-health: empty order
        var scene = ReportScene()
        scene.keep("openai:new", "openai", .oauth, ends: .seconds(90 * 3600))
        scene.setOrder("openai", [])
        let openai = try provider("openai", in: scene)
        #expect(openai.status == .missing)
        #expect(openai.answer.reasonCode == "switched_off")
        #expect(openai.answer.remedy == "run alula models auth order clear --provider openai")
    }

    @Test func withoutALoginTheOtherProfilesDecide() throws {  // upstream: 10.7 27
        var scene = ReportScene()
        scene.keep("openai:key", "openai", .apiKey)
        scene.keep("openai:token", "openai", .token, ends: .seconds(3600))
        #expect(try provider("openai", in: scene).status == .expiring)
    }

    @Test(
        arguments: [
            ([.seconds(-1), nil], .expired),  // upstream: 10.7 28
            ([.seconds(-1), .seconds(3600), .seconds(90 * 3600)], .expired),  // upstream: 10.7 29
            ([.seconds(3600), .seconds(90 * 3600)], .expiring),
            ([.seconds(90 * 3600)], .ok),
        ] as [([Duration?], CredentialStatus)])
    func theMostUrgentLoginDecides(_ ends: [Duration?], status: CredentialStatus) throws {
        var scene = ReportScene()
        for (index, end) in ends.enumerated() { scene.keep(ProfileID("openai:\(index)"), "openai", .oauth, ends: end) }
        #expect(try provider("openai", in: scene).status == status)
    }

    @Test func theEarliestEndIsShown() throws {  // upstream: 10.7 30
        var scene = ReportScene()
        scene.keep("openai:a", "openai", .oauth, ends: .seconds(90 * 3600))
        scene.keep("openai:b", "openai", .oauth, ends: .seconds(60 * 3600))
        let expiry = try #require(try provider("openai", in: scene).expiry)
        #expect(expiry.at == ReportScene.after(.seconds(60 * 3600)))
        #expect(expiry.label == "3d")
    }

    @Test(
        arguments: [
            (-5, "0m"), (0, "0m"), (1, "1m"), (89, "1m"), (90, "2m"), (59 * 60, "59m"), (3600, "1h"),
            (47 * 3600, "47h"), (48 * 3600, "2d"), (10 * 86_400 + 43_200, "11d"),
        ] as [(Int64, String)])
    func labelsWhatIsLeft(_ seconds: Int64, _ label: String) {
        let expiry = CredentialExpiry(at: ReportScene.after(.seconds(seconds)), now: ReportScene.now)
        #expect(expiry.label == label)
    }

    @Test func namesProvidersByTheirBrand() throws {
        var scene = ReportScene()
        for id in ["anthropic", "github-copilot", "zai", "groq"] as [ProviderID] {
            scene.keep(.standard(for: id), id, .apiKey)
        }
        #expect(scene.status.providers.map(\.displayName) == ["Claude", "Copilot", "groq", "z.ai"])
    }
}
