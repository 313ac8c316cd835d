import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What of a store is on disk after something was recorded, and what other tools' logins leave there: nothing.
struct StoresOnDiskTests {
    private static let noon = Timestamp(milliseconds: 1_780_000_000_000)
    private static let later = 1_780_007_200_000
    private let scratch: ScratchDirectory
    private let files: CredentialStoreFiles
    private let writer: CredentialStoreWriter

    init() throws {
        scratch = try ScratchDirectory(isInMemory: true)
        files = CredentialStoreFiles(StoreID(scratch.path("agent")))
        writer = CredentialStoreWriter(files, now: { Self.noon })
    }

    @discardableResult
    private func blocking<Value>(_ body: () throws -> Value) rethrows -> Value { try BlockingContext.permit(body) }

    private func document() throws -> CredentialStoreDocument {
        try #require(blocking { CredentialStoreLoader().load(files) }.content).document
    }

    /// The store and MiniMax's login as a warm reads them, laid over each other.
    private func effective() throws -> EffectiveStore {
        let reader = CredentialFactReader()
        let items: [GatherPlan.Item] = [
            .store(files.store, legacyOAuthPath: nil, sharedDatabasePath: nil),
            .login(.minimax, path: scratch.path("minimax.json")),
        ]
        var facts = AuthFacts()
        blocking { for item in items { facts.apply(reader.read(item, markers: [])) } }
        return EffectiveStore.merging(main: facts.stores[files.store]?.fact, agent: nil, now: Self.noon)
            .overlaying(logins: facts.logins, now: Self.noon)
    }

    private func leaveMiniMaxLogin() throws {
        try scratch.write(
            #"{"access_token":"tool-fake","refresh_token":"r-fake","expiry_date":\#(Self.later)}"#, to: "minimax.json")
    }

    // MARK: Recording

    // The newer token on disk stays: what is recorded is written beside it, never from memory.
    // upstream: 10.10 markauthprofilefailure
    @Test(.bug(id: "B34")) func recordingLeavesTheCredentialOnDiskAsItIs() throws {
        try blocking { try writer.storeAPIKey(Secret("sk-old"), as: "groq:a", provider: "groq") }
        let newer = #"{"version":1,"profiles":{"groq:a":{"type":"api_key","provider":"groq","key":"sk-newer"}}}"#
        try scratch.write(newer, to: "agent/auth-profiles.json")
        let outcome = try blocking {
            try writer.updateUsage(of: "groq:a") {
                $0.recordFailure(.billing, model: nil, provider: "groq", at: Self.noon)
            }
        }
        #expect(!outcome.didWriteProfiles)
        #expect(try scratch.read("agent/auth-profiles.json") == newer)
        #expect(try document().usage["groq:a"]?.disabledReason == .billing)
    }

    // upstream: 10.10 order
    @Test func aSuccessIsOneWriteAndTheSameAgainIsNone() throws {
        try scratch.write("{}", to: "agent/auth-state.json")
        let outcome = try blocking { try writer.recordSuccess(of: "groq:a", for: "groq", at: Self.noon) }
        #expect(outcome.didWriteState)
        #expect(!outcome.didWriteProfiles)
        #expect(try document().lastGood == ["groq": "groq:a"])
        #expect(try document().usage["groq:a"]?.lastUsed == Self.noon)
        let again = try blocking { try writer.recordSuccess(of: "groq:a", for: "groq", at: Self.noon) }
        #expect(!again.didWriteState)
    }

    // upstream: 10.10 persisted-boundary
    @Test func anOrderOfProfilesThatAreNotStoredSurvivesASave() throws {
        try scratch.write(#"{"version":1,"order":{"nova":["nova:sso","nova:gone"]}}"#, to: "agent/auth-state.json")
        try blocking {
            try writer.storeAPIKey(Secret("sk-fake"), as: "groq:a", provider: "groq")
            try writer.setOrder(["groq:a"], for: "groq")
        }
        #expect(try document().order == ["nova": ["nova:sso", "nova:gone"], "groq": ["groq:a"]])
    }

    // upstream: 10.10 ensureauthprofilestore
    @Test func readingForAnAgentThatInheritsMakesNothingOfItsOwn() throws {
        try scratch.write(
            #"{"profiles":{"groq:a":{"type":"api_key","provider":"groq","key":"k"}}}"#, to: "main/auth-profiles.json")
        let before = try scratch.fingerprint()
        let reader = CredentialFactReader()
        let stores = ["main", "agent"].map { StoreID(scratch.path($0)) }
        let readings = blocking {
            stores.map { reader.read(.store($0, legacyOAuthPath: nil, sharedDatabasePath: nil), markers: []) }
        }
        #expect(readings.last == .store(stores[1], .absent))
        #expect(try scratch.fingerprint() == before)
    }

    // MARK: Other tools' logins

    // upstream: 10.10 readonly-sync
    @Test(.bug(id: "B51")) func aToolsLoginIsSeenAndNoFileIsChanged() throws {
        try leaveMiniMaxLogin()
        try scratch.write(
            """
            {"profiles":{"minimax-portal:minimax-cli":{"type":"oauth","provider":"minimax-portal","access":"a-fake",
             "refresh":"b-fake","expires":1770000000000}}}
            """, to: "agent/auth-profiles.json")
        let before = try scratch.fingerprint()
        #expect(try effective().profiles["minimax-portal:minimax-cli"]?.owner == .tool(.minimax))
        #expect(try scratch.fingerprint() == before)
    }

    // upstream: 10.10 store.runtime-external
    @Test func aToolsLoginSurvivesASaveAndIsNotSaved() throws {
        try leaveMiniMaxLogin()
        try blocking { try writer.storeAPIKey(Secret("sk-fake"), as: "groq:a", provider: "groq") }
        #expect(try effective().profiles.keys.sorted() == ["groq:a", "minimax-portal:minimax-cli"])
        #expect(try document().profiles.keys.sorted() == ["groq:a"])
        #expect(try !scratch.read("agent/auth-profiles.json").contains("tool-fake"))
    }

    // upstream: 10.10 cli-credentials
    @Test func aFilesTimeIsTakenInWholeMilliseconds() throws {
        let path = try scratch.write(
            #"{"tokens":{"access_token":"opaque","refresh_token":"r"}}"#, to: "codex.json")
        var times = [
            timespec(tv_sec: 1_780_000_000, tv_nsec: 0), timespec(tv_sec: 1_780_000_000, tv_nsec: 123_999_999),
        ]
        try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
        let login = try #require(blocking { ToolLoginReader.load(.codex, path: path) }.content)
        #expect(login.modified == Timestamp(milliseconds: 1_780_000_000_123))
        #expect(login.expiry == .at(Timestamp(milliseconds: 1_780_003_600_123)))
    }

    // MARK: Names

    @Test(.bug(id: "B35"), arguments: ["groq:default", "groq:me@example.com"])
    func whatASignInStoredIsWhatIsUsed(id: String) throws {
        try blocking { try writer.storeAPIKey(Secret("sk-fake"), as: ProfileID(id), provider: "groq") }
        let order = ProfileOrder.resolve(
            "groq", in: try effective(),
            context: AuthContext(
                agents: [.init(id: .main, store: files.store, workspace: "/w")], defaultAgent: .main,
                mainStore: files.store), now: Self.noon)
        #expect(order.eligible.map(\.id) == [ProfileID(id)])
    }
}
