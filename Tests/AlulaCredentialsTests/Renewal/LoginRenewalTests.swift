import AlulaAuth
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One login, many copies, one exchange.
@Suite(.timeLimit(.minutes(2)))
struct LoginRenewalTests {
    private static let agents = (0..<6).map { "a\($0)" }

    /// Opens the login for every agent at once, through each of `renewals`.
    private static func openAll(_ scene: RenewalScene, _ renewals: [LoginRenewals], times: Int = 1) async throws
        -> [String]
    {
        try await withThrowingTaskGroup(of: String.self) { group in
            for renewals in renewals {
                for agent in agents {
                    for _ in 0..<times {
                        group.addTask { try await scene.open(renewals, scene.scope(agent, others: agents)) }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func aTokenThatIsGoodIsUsedAsItIs() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login(left: .seconds(301)))"#)
        let before = try scene.scratch.fingerprint()
        #expect(try await scene.open(scene.renewals()) == "fake-access-old")
        #expect(scene.issuer.asked == [])
        #expect(try scene.scratch.fingerprint() == before)
    }

    @Test(.bug(id: "B43"), .bug(id: "B50")) func copiesOfOneTokenAreRenewedByOneExchange() async throws {
        let scene = try RenewalScene()
        for agent in Self.agents {
            try scene.store(
                agent, #""chutes:me":\#(scene.login(more: #""later":{"kept":[1.50]},"#)),"x":{"type":"future"}"#)
        }
        try scene.store("main", #""chutes:me":\#(scene.login()),"chutes:other":\#(scene.login())"#)
        let opened = try await Self.openAll(scene, [scene.renewals()], times: 8)
        #expect(opened == Array(repeating: "fake-access-1", count: 48))
        #expect(scene.issuer.asked == ["fake-refresh-0"])
        for agent in Self.agents + ["main"] {
            let entry = try scene.entry(agent)
            #expect(entry?["access"] == "fake-access-1")
            #expect(entry?["refresh"] == "fake-refresh-1")
            #expect(entry?["expires"]?.integer == RenewalScene.noon.advanced(by: .seconds(3600)).milliseconds)
        }
        #expect(try scene.entry("a0")?["later"]?["kept"]?.text() == "[1.50]")
        #expect(try scene.entry("a0", "x")?["type"] == "future")
        // The same token under another name is the same token.
        #expect(try scene.entry("main", "chutes:other")?["refresh"] == "fake-refresh-1")
        #expect(scene.events.map(\.outcome) == [.renewed])
    }

    @Test(.bug(id: "B45"), .bug(id: "B49")) func processesTakeTurnsAndOnlyTheFirstAsks() async throws {
        let scene = try RenewalScene()
        for agent in Self.agents + ["main"] { try scene.store(agent, #""chutes:me":\#(scene.login())"#) }
        let opened = try await Self.openAll(scene, (0..<5).map { _ in scene.renewals() })
        #expect(Set(opened) == ["fake-access-1"])
        #expect(scene.issuer.asked.count == 1)
        #expect(!scene.issuer.isRevoked)
    }

    @Test func theNextExchangeUsesTheNextToken() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login())"#)
        let renewals = scene.renewals()
        for round in 1...3 {
            #expect(try await scene.open(renewals) == "fake-access-\(round)")
            scene.advance(by: .seconds(3300))
        }
        #expect(scene.issuer.asked == ["fake-refresh-0", "fake-refresh-1", "fake-refresh-2"])
    }

    @Test func whatAProviderRefusedIsRenewedOnce() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login(left: .seconds(3000)))"#)
        let renewals = scene.renewals()
        for _ in 0..<3 {
            let opened = try await scene.open(renewals, rejected: Secret("fake-access-old"))
            #expect(opened == "fake-access-1")
        }
        #expect(scene.issuer.asked.count == 1)
    }

    /// A copy that nobody knew of when the login was renewed: its token is used up, and must not be sent again.
    @Test(.bug(id: "B43")) func aForgottenCopyFindsWhereTheLoginWent() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login())"#)
        #expect(try await scene.open(scene.renewals()) == "fake-access-1")
        scene.advance(by: .seconds(3600))
        #expect(try await scene.open(scene.renewals()) == "fake-access-2")
        try scene.store("late", #""chutes:mine":\#(scene.login(left: .seconds(-9000)))"#)
        let opened = try await scene.open(scene.renewals(), scene.scope("late"), profile: "chutes:mine")
        #expect(opened == "fake-access-2")
        #expect(scene.issuer.asked == ["fake-refresh-0", "fake-refresh-1"])
        #expect(try scene.entry("late", "chutes:mine")?["refresh"] == "fake-refresh-2")
        #expect(scene.events.last?.outcome == .adopted)
    }

    @Test func aForgottenCopyOfALoginThatIsGoneIsNotSentEither() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login())"#)
        _ = try await scene.open(scene.renewals())
        try scene.store("main", "")
        try scene.store("late", #""chutes:me":\#(scene.login())"#)
        let failure = await scene.failure(scene.renewals(), scene.scope("late"))
        #expect(failure?.code == .reused)
        #expect(scene.issuer.asked.count == 1)
    }

    @Test func aTokenThatStaysGoodIsKept() async throws {
        let scene = try RenewalScene(FakeIssuer(rotates: false))
        try scene.store("main", #""chutes:me":\#(scene.login())"#)
        let renewals = scene.renewals()
        #expect(try await scene.open(renewals) == "fake-access-1")
        #expect(try scene.entry("main")?["refresh"] == "fake-refresh-0")
        #expect(try scene.record() == nil)
        scene.advance(by: .seconds(4000))
        #expect(try await scene.open(renewals) == "fake-access-2")
    }

    /// Whoever signs out, or in anew, while the exchange goes on has the last word.
    @Test func whatAPersonDidMeanwhileStands() async throws {
        let scene = try RenewalScene()
        for (other, expected) in [
            ("", nil), (scene.login(refresh: "fake-theirs", left: .seconds(9000)), "fake-theirs"),
        ] {
            try scene.store("main", #""chutes:me":\#(scene.login(refresh: scene.current))"#)
            scene.issuer.next {
                try scene.store("main", other.isEmpty ? "" : #""chutes:me":\#(other)"#)
                return nil
            }
            _ = try await scene.open(scene.renewals())
            #expect(try scene.entry("main")?["refresh"]?.string == expected)
        }
    }

    @Test func aCallerThatLeavesDoesNotEndIt() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login())"#)
        let (begun, goOn) = (Gate(), Gate())
        scene.issuer.next {
            begun.open()
            await goOn.pass()
            return nil
        }
        let renewals = scene.renewals()
        let caller = Task { try await scene.open(renewals) }
        await begun.pass()
        caller.cancel()
        await #expect(throws: CancellationError.self) { _ = try await caller.value }
        let late = await #expect(throws: SystemError.self) {
            _ = try await renewals.accessToken(of: RenewalScene.profile, in: scene.scope(), until: .after(.zero))
        }
        #expect(late?.code == .deadlineExceeded)
        goOn.open()
        await renewals.drain(for: .seconds(60))
        #expect(try scene.entry("main")?["refresh"] == "fake-refresh-1")
        #expect(scene.issuer.asked.count == 1)
    }

    @Test func oldRecordsGoAndNewTokensStay() async throws {
        let scene = try RenewalScene()
        try scene.store("main", #""chutes:me":\#(scene.login())"#)
        let granted = RenewalRecord.granted(
            RenewedTokens(
                access: Secret("fake-a"), refresh: Secret("fake-r"), idToken: nil, expires: scene.now,
                identity: .init()), .init(store: scene.files("away").store, profile: "p", provider: "chutes"))
        try scene.scratch.write(granted.text, to: "alula/renewals/00000000000000aa.json")
        // Somebody is at it.
        let lock = try BlockingContext.permit {
            try FileLock.tryAcquire(scene.scratch.path("alula/renewals/00000000000000aa.lock"), note: [])
        }
        defer { lock?.release() }
        try scene.scratch.write(#"{"state":"settled"}"#, to: "alula/renewals/00000000000000bb.json")
        try scene.scratch.write("", to: "alula/renewals/00000000000000bb.lock")
        for name in ["aa.json", "bb.json", "bb.lock"] {
            let long = timeval(tv_sec: 1_000_000_000, tv_usec: 0)
            #expect(utimes(scene.scratch.path("alula/renewals/00000000000000\(name)"), [long, long]) == 0)
        }
        _ = try await scene.open(scene.renewals())
        #expect(scene.scratch.exists("alula/renewals/00000000000000aa.json"))
        #expect(!scene.scratch.exists("alula/renewals/00000000000000bb.json"))
        #expect(!scene.scratch.exists("alula/renewals/00000000000000bb.lock"))
    }
}

extension RenewalScene {
    /// The refresh token that the provider takes next.
    fileprivate var current: String { issuer.asked.isEmpty ? "fake-refresh-0" : "fake-refresh-\(issuer.asked.count)" }
}
