import AlulaAuth
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaSystem
import Crypto
import Testing

@testable import AlulaCredentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What goes wrong while a login is renewed, and what is left then.
@Suite(.timeLimit(.minutes(2)))
struct RenewalFailureTests {
    private static let silent = RenewalFailure(.unreachable, "nobody answered")

    private static func scene(
        _ issuer: FakeIssuer = FakeIssuer(), left: Duration = .seconds(-60)
    ) throws -> RenewalScene {
        let scene = try RenewalScene(issuer)
        try scene.store("main", #""chutes:me":\#(scene.login(left: left))"#)
        return scene
    }

    // MARK: Outages

    /// After an outage nobody storms: one attempt, then a rest that all callers and all processes share.
    @Test func afterAFailureTheTokenRestsForEverybody() async throws {
        let scene = try Self.scene()
        for _ in 0..<2 { scene.issuer.next { throw Self.silent } }
        let (first, second) = (scene.renewals(), scene.renewals())
        for renewals in [first, first, second, scene.renewals()] {
            let failure = await scene.failure(renewals)
            #expect(failure == Self.silent)
        }
        #expect(scene.issuer.asked.count == 1)
        scene.advance(by: .seconds(5))
        #expect(await scene.failure(second) == Self.silent)
        scene.advance(by: .seconds(5))
        // Twice as long after the second in a row, whoever made it.
        #expect(await scene.failure(first) == Self.silent)
        #expect(scene.issuer.asked.count == 2)
        scene.advance(by: .seconds(5))
        #expect(try await scene.open(first) == "fake-access-1")
        #expect(try await scene.open(second) == "fake-access-1")
        #expect(scene.issuer.asked.count == 3)
        #expect(scene.events.first?.restsUntil == RenewalScene.noon.advanced(by: .seconds(5)))
    }

    @Test func callersOfOneAttemptShareItsFailure() async throws {
        let scene = try Self.scene()
        let (begun, goOn) = (Gate(), Gate())
        scene.issuer.next {
            begun.open()
            await goOn.pass()
            throw Self.silent
        }
        let renewals = scene.renewals()
        let failures = await withTaskGroup(of: RenewalFailure?.self) { group in
            for _ in 0..<20 { group.addTask { await scene.failure(renewals) } }
            await begun.pass()
            goOn.open()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures == Array(repeating: Self.silent, count: 20))
        #expect(scene.issuer.asked.count == 1)
    }

    /// A token that is due has five minutes left in which an outage hurts nobody.
    @Test func aTokenThatIsDueServesUntilItsEnd() async throws {
        let scene = try Self.scene(left: .seconds(200))
        for _ in 0..<9 { scene.issuer.next { throw Self.silent } }
        let renewals = scene.renewals()
        #expect(try await scene.open(renewals) == "fake-access-old")
        #expect(try await scene.open(renewals) == "fake-access-old")
        #expect(scene.issuer.asked.count == 1)
        scene.advance(by: .seconds(181))
        #expect(await scene.failure(renewals) == Self.silent)
        let refused = await scene.failure(scene.renewals(), rejected: Secret("fake-access-old"))
        #expect(refused == Self.silent)
    }

    @Test func nobodyWaitsForASilentProviderWhileTheOldTokenServes() async throws {
        let scene = try Self.scene(left: .seconds(200))
        let goOn = Gate()
        scene.issuer.next {
            await goOn.pass()
            return nil
        }
        var policy = RenewalPolicy()
        policy.spareWait = .zero
        let renewals = scene.renewals(policy: policy)
        for _ in 0..<3 { #expect(try await scene.open(renewals) == "fake-access-old") }
        goOn.open()
        await renewals.drain(for: .seconds(60))
        #expect(try await scene.open(renewals) == "fake-access-1")
        #expect(scene.issuer.asked.count == 1)
    }

    // MARK: Refusals

    @Test(.bug(id: "B46"), .bug(id: "B47"), .bug(id: "B53"))
    func whoLostARaceTakesWhatTheWinnerLeft() async throws {
        let scene = try Self.scene()
        scene.issuer.next {
            // A program that knows no lock was faster.
            try scene.store(
                "main",
                #""chutes:me":\#(scene.login(refresh: "fake-theirs", access: "fake-won", left: .seconds(3600)))"#)
            throw RenewalFailure(.refused, "the provider refused the refresh token (invalid_grant)")
        }
        #expect(try await scene.open(scene.renewals()) == "fake-won")
        #expect(try scene.entry("main")?["refresh"] == "fake-theirs")
        #expect(scene.events.map(\.outcome) == [.failed])
    }

    @Test(.bug(id: "B46"), .bug(id: "B38")) func aRefusedLoginStaysInTheStoreAndIsLeftAlone() async throws {
        let scene = try Self.scene(FakeIssuer(token: "fake-somebody-elses"))
        let before = try scene.scratch.read("agents/main/auth-profiles.json")
        let renewals = scene.renewals()
        for _ in 0..<5 { #expect(await scene.failure(renewals)?.code == .refused) }
        #expect(scene.issuer.asked.count == 1)
        #expect(try scene.scratch.read("agents/main/auth-profiles.json") == before)
        // Whoever signs in anew is not held up by what was.
        try scene.store("main", #""chutes:me":\#(scene.login(refresh: "fake-somebody-elses"))"#)
        #expect(try await scene.open(renewals) == "fake-access-1")
    }

    @Test func tokensOfAnotherAccountAreNotTaken() async throws {
        let owner = FakeToken.make(#"{"https://api.openai.com/auth":{"chatgpt_account_id":"other"}}"#)
        let scene = try Self.scene(FakeIssuer(idToken: owner))
        let before = try scene.scratch.read("agents/main/auth-profiles.json")
        #expect(await scene.failure(scene.renewals())?.code == .otherOwner)
        #expect(try scene.scratch.read("agents/main/auth-profiles.json") == before)
        #expect(try scene.record()?["state"] == "resting")
    }

    // MARK: Logins that are not ours to renew

    @Test func whatCantBeRenewedIsNotAskedFor() async throws {
        let scene = try Self.scene()
        try scene.store(
            "main",
            """
            "chutes:me":\(scene.login()),"chutes:none":\(scene.login(refresh: nil)),
            "groq:me":{"type":"oauth","provider":"groq","access":"fake","refresh":"fake-r","expires":1},
            "chutes:client":{"type":"oauth","provider":"chutes","access":"fake","refresh":"fake-c","expires":1},
            "chutes:ref":{"type":"oauth","provider":"chutes","access":"${NAME}","refresh":"fake-d","expires":1}
            """)
        let cases: [(ProfileID, RenewalFailure.Code)] = [
            ("chutes:none", .noRefreshToken), ("groq:me", .unsupported), ("chutes:client", .unsupported),
            ("chutes:ref", .notOurs), ("chutes:absent", .noRefreshToken),
        ]
        for (profile, code) in cases {
            let failure = await scene.failure(scene.renewals(), profile: profile)
            #expect(failure?.code == code, "\(profile)")
        }
        #expect(await scene.failure(scene.renewals(isReadOnly: true))?.code == .notOurs)
        #expect(scene.issuer.asked == [])
    }

    @Test func anotherProgramsDatabaseIsItsOwnAffair() async throws {
        let scene = try RenewalScene()
        try scene.scratch.write("", to: "agents/main/openclaw-agent.sqlite")
        let document = #"{"profiles":{"chutes:me":\#(scene.login())}}"#
        let renewals = LoginRenewals(
            LoginRenewals.Parts(
                pool: scene.pool, endpoint: scene.issuer, files: scene.renewalFiles,
                databases: { _ in .found(StoreDatabaseDocuments(profiles: Array(document.utf8))) },
                clock: ContinuousClock(), now: { scene.now }, random: { 0 }))
        #expect(await scene.failure(renewals)?.code == .notOurs)
        #expect(scene.issuer.asked == [])
        #expect(!scene.scratch.exists("agents/main/auth-profiles.json"))
    }

    // MARK: The disk

    @Test func withoutRoomForNewTokensNoneAreAskedFor() async throws {
        let scene = try Self.scene()
        try scene.scratch.write("in the way", to: "alula/renewals")
        #expect(await scene.failure(scene.renewals())?.code == .notDurable)
        #expect(scene.issuer.asked == [])
        #expect(scene.events.map(\.restsUntil) == [nil])
    }

    /// The store can't be written once the tokens are there. They are in the record, and nobody is kept waiting for them.
    @Test func tokensThatNoStoreTookAreKept() async throws {
        let scene = try Self.scene()
        let path = scene.scratch.path("agents/main/auth-profiles.json.lock")
        scene.issuer.next {
            // Somebody's lock that is nobody's file.
            try #require(mkdir(path, 0o700) == 0)
            return nil
        }
        #expect(try await scene.open(scene.renewals()) == "fake-access-1")
        #expect(try scene.entry("main")?["refresh"] == "fake-refresh-0")
        #expect(try scene.record()?["refresh"] == "fake-refresh-1")
        #expect(scene.events.last?.unwritten == [scene.files("main").store])
        // Another process finds them, and so does the store once it can be written.
        #expect(try await scene.open(scene.renewals()) == "fake-access-1")
        rmdir(path)
        let renewals = scene.renewals()
        #expect(try await scene.open(renewals) == "fake-access-1")
        await renewals.drain(for: .seconds(60))
        #expect(try scene.entry("main")?["refresh"] == "fake-refresh-1")
        #expect(try scene.record()?["state"] == "settled")
        #expect(try scene.record()?["refresh"] == nil)
        #expect(scene.issuer.asked.count == 1)
    }

    /// Whoever was killed in the middle left one of these.
    @Test(arguments: ["", "{\"version\":1,\"state\":\"gran", #"{"state":"granted","access":"fake"}"#, "[]", "\0\0\0"])
    func aRecordThatSaysNothingMeansAskingAgain(text: String) async throws {
        let scene = try Self.scene()
        try scene.scratch.write(text, to: scene.recordPath())
        #expect(try await scene.open(scene.renewals()) == "fake-access-1")
        #expect(scene.issuer.asked.count == 1)
    }

    @Test func newTokensThatWereLeftBehindAreTakenUp() async throws {
        let scene = try Self.scene()
        for agent in ["a", "b"] { try scene.store(agent, #""chutes:me":\#(scene.login())"#) }
        let record = RenewalRecord.granted(
            RenewedTokens(
                access: Secret("fake-access-1"), refresh: Secret("fake-refresh-1"), idToken: nil,
                expires: scene.now.advanced(by: .seconds(3600)), identity: .init()),
            .init(store: scene.files("main").store, profile: RenewalScene.profile, provider: "chutes"))
        try scene.scratch.write(record.text + [0, 0, 0], to: scene.recordPath())
        let renewals = scene.renewals()
        #expect(try await scene.open(renewals, scene.scope("a", others: ["a", "b"])) == "fake-access-1")
        await renewals.drain(for: .seconds(60))
        #expect(scene.issuer.asked == [])
        for agent in ["a", "b", "main"] { #expect(try scene.entry(agent)?["refresh"] == "fake-refresh-1") }
        #expect(scene.events.map(\.outcome) == [.recovered])
        #expect(try scene.record()?["state"] == "settled")
    }

    /// Some stores have the new tokens already, so that nobody who asks comes upon the record.
    @Test func whatAKilledProcessLeftIsFinishedByTheNext() async throws {
        let scene = try Self.scene()
        let good = scene.login(refresh: "fake-refresh-1", access: "fake-access-1", left: .seconds(3600))
        try scene.store("main", #""chutes:me":\#(good)"#)
        for agent in ["a", "b"] { try scene.store(agent, #""chutes:me":\#(scene.login())"#) }
        let record = RenewalRecord.granted(
            RenewedTokens(
                access: Secret("fake-access-1"), refresh: Secret("fake-refresh-1"), idToken: nil,
                expires: scene.now.advanced(by: .seconds(3600)), identity: .init()),
            .init(store: scene.files("b").store, profile: RenewalScene.profile, provider: "chutes"))
        try scene.scratch.write(record.text, to: scene.recordPath())
        let renewals = scene.renewals()
        #expect(try await scene.open(renewals, scene.scope("a", others: ["a"])) == "fake-access-1")
        await renewals.drain(for: .seconds(60))
        for agent in ["a", "b", "main"] { #expect(try scene.entry(agent)?["refresh"] == "fake-refresh-1") }
        #expect(try scene.record()?["state"] == "settled")
        #expect(scene.issuer.asked == [])
    }

    // MARK: The reference's lock

    private static func referenceLock(_ scene: RenewalScene) -> String {
        let digest = SHA256.hash(data: Array("chutes\u{0}chutes:me".utf8))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "locks/oauth-refresh/sha256-\(digest).lock"
    }

    @Test func aRunningOpenClawIsWaitedFor() async throws {
        let scene = try Self.scene()
        let lock = Self.referenceLock(scene)
        let note = #"{"pid":\#(getppid()),"createdAt":"\#(SystemClock.now.iso8601)"}"#
        try scene.scratch.write(note, to: lock)
        var policy = RenewalPolicy()
        policy.lockPatience = .zero
        let failure = await scene.failure(scene.renewals(policy: policy))
        #expect(failure?.code == .contention)
        #expect(failure?.code.rawValue == "refresh_contention")
        #expect(scene.issuer.asked == [])
        #expect(try scene.scratch.read(lock) == note)
        // It is no state of the login: the next one may try at once.
        let waiting = Task { try await scene.open(scene.renewals()) }
        try scene.store("main", #""chutes:me":\#(scene.login(access: "fake-by-openclaw", left: .seconds(3600)))"#)
        unlink(scene.scratch.path(lock))
        #expect(try await waiting.value == "fake-by-openclaw")
        #expect(scene.issuer.asked == [])
    }

    @Test func aLockThatWasLeftBehindIsTakenOver() async throws {
        let scene = try Self.scene()
        let lock = Self.referenceLock(scene)
        for note in [
            #"{"pid":999999999,"createdAt":"\#(SystemClock.now.iso8601)"}"#,
            #"{"pid":\#(getppid()),"createdAt":"2020-01-01T00:00:00.000Z"}"#,
        ] {
            try scene.scratch.write(note, to: lock)
            scene.advance(by: .seconds(3600))
            _ = try await scene.open(scene.renewals())
            #expect(!scene.scratch.exists(lock))
        }
        #expect(scene.issuer.asked.count == 2)
    }

    // MARK: Secrets

    @Test func nothingThatComesOutShowsASecret() async throws {
        let scene = try Self.scene()
        scene.issuer.next { throw Self.silent }
        var shown = ""
        for turn in 0..<3 {
            if turn == 2 { try scene.store("main", #""chutes:me":\#(scene.login(refresh: "fake-wrong"))"#) }
            do {
                dump(
                    try await scene.renewals().accessToken(
                        of: RenewalScene.profile, in: scene.scope(), until: .after(.seconds(60))), to: &shown)
            } catch {
                dump(error, to: &shown)
                shown += "\(error) \(String(reflecting: error))"
            }
            scene.advance(by: .seconds(6))
        }
        dump(scene.events, to: &shown)
        #expect(scene.events.count == 3)
        for secret in ["fake-access", "fake-refresh", "fake-wrong", "fake-client"] { #expect(!shown.contains(secret)) }
        // Once the store has the tokens, only their place is left here.
        #expect(try scene.record()?.text().contains("fake") == false)
    }
}

/// The machine's time, which notes in lock files are compared with.
private enum SystemClock {
    static var now: Timestamp { WallClock.now() }
}
