import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

struct CredentialStoreLoaderTests {
    private let scratch: ScratchDirectory
    private let files: CredentialStoreFiles

    init() throws {
        scratch = try ScratchDirectory()
        files = CredentialStoreFiles(
            StoreID(scratch.path("agent")), legacyOAuthPath: scratch.path("credentials/oauth.json"))
    }

    private func load(_ databases: StoreDatabaseReader? = nil) -> SourceOutcome<CredentialStoreLoader.Loaded> {
        BlockingContext.permit { CredentialStoreLoader(databases: databases).load(files) }
    }

    private let one =
        #"{"version":1,"profiles":{"openai:default":{"type":"api_key","provider":"openai","key":"sk-fake"}}}"#

    @Test func nothingThereIsAbsent() {
        guard case .absent = load() else {
            Issue.record("expected nothing")
            return
        }
    }

    @Test func readsBothFilesAndChangesNothing() throws {
        try scratch.write(one, to: "agent/auth-profiles.json", mode: 0o644)
        try scratch.write(#"{"lastGood":{"openai":"openai:default"}}"#, to: "agent/auth-state.json")
        let before = try scratch.fingerprint()
        let loaded = try #require(load().content)
        #expect(loaded.document.profiles.keys.sorted() == ["openai:default"])
        #expect(loaded.document.lastGood == ["openai": "openai:default"])
        #expect(loaded.document.origin == .profiles)
        #expect(loaded.document.problems.isEmpty)
        #expect(try scratch.fingerprint() == before)
    }

    @Test func theVersionChangesWithEitherFile() throws {
        try scratch.write(one, to: "agent/auth-profiles.json")
        let first = try #require(load().content).version
        #expect(try #require(load().content).version == first)
        try scratch.write("{}", to: "agent/auth-state.json")
        #expect(try #require(load().content).version != first)
    }

    // upstream: 10.10 ensureauthprofilestore: legacy migration (reading leaves the files alone); oauth.json merged
    @Test func readsLegacyFilesWithoutTouchingThem() throws {
        try scratch.write(#"{"anthropic":{"type":"api_key","key":"sk-fake"}}"#, to: "agent/auth.json")
        try scratch.write(#"{"chutes":{"access":"a","refresh":"r"}}"#, to: "credentials/oauth.json")
        let before = try scratch.fingerprint()
        let document = try #require(load().content).document
        #expect(document.origin == .legacyMap)
        #expect(document.profiles.keys.sorted() == ["anthropic:default", "chutes:default"])
        #expect(try scratch.fingerprint() == before)
    }

    @Test func ignoresLegacyFilesBesideAStore() throws {
        try scratch.write(one, to: "agent/auth-profiles.json")
        try scratch.write(#"{"anthropic":{"type":"api_key","key":"sk-fake"}}"#, to: "agent/auth.json")
        #expect(try #require(load().content).document.profiles.count == 1)
    }

    // upstream: 10.10 ensureauthprofilestore: flat files ignored; arrays ignored
    @Test(arguments: [#"{"openai":{"apiKey":"CANARY"}}"#, "[]", #"{"profiles":[]}"#])
    func ignoresAFileThatIsNoStoreAndSaysSo(text: String) throws {
        try scratch.write(text, to: "agent/auth-profiles.json")
        let document = try #require(load().content).document
        #expect(document.origin == .empty)
        #expect(document.profiles.isEmpty)
        #expect(document.problems.map(\.code) == [.wrongShape])
        #expect(!"\(document.problems)".contains("CANARY"))
    }

    @Test(arguments: [
        ("", SourceProblem.Code.malformed), (#"{"profiles":{"a":{"type":"api_key","key":"CANARY"#, .malformed),
        (String(repeating: "[", count: 100_000), .malformed), (storeWithGarbage, .malformed),
    ])
    func aDamagedStoreIsReportedWithItsPlace(text: String, code: SourceProblem.Code) throws {
        try scratch.write(text, to: "agent/auth-profiles.json")
        let problem = try #require(load().problem)
        #expect(problem.code == code)
        #expect(problem.path == files.profilesPath)
        #expect(problem.line != nil)
        #expect(!"\(problem)".contains("CANARY"))
    }

    private static let storeWithGarbage = #"{"profiles":{}} CANARY"#

    @Test func textThatIsNotUTF8IsReported() throws {
        try scratch.write(
            Array(#"{"profiles":{"a":"#.utf8) + [0x22, 0xFF, 0xFE, 0x22, 0x7D, 0x7D], to: "agent/auth-profiles.json")
        #expect(try #require(load().problem).code == .malformed)
    }

    @Test func aDamagedStateFileCostsNoLogin() throws {
        try scratch.write(one, to: "agent/auth-profiles.json")
        try scratch.write(#"{"order":"#, to: "agent/auth-state.json")
        let document = try #require(load().content).document
        #expect(document.profiles.count == 1)
        #expect(document.problems.map(\.code) == [.malformed])
        #expect(document.problems.first?.path == files.statePath)
    }

    @Test func refusesAStoreBeyondItsBound() throws {
        _ = try scratch.writeSparse(bytes: 50 << 20, to: "agent/auth-profiles.json")
        #expect(try #require(load().problem).code == .tooLarge)
    }

    @Test(arguments: ["auth-profiles.json", "auth.json"])
    func refusesAPipe(name: String) throws {
        _ = try scratch.makePipe("agent/\(name)")
        #expect(try #require(load().problem).code == .notRegularFile)
    }

    @Test func followsALinkAndReportsALoop() throws {
        try scratch.write(one, to: "elsewhere.json")
        _ = try scratch.link("agent/auth-profiles.json", to: scratch.path("elsewhere.json"))
        #expect(try #require(load().content).document.profiles.count == 1)
        _ = try scratch.link("agent/auth-state.json", to: scratch.path("agent/auth-state.json"))
        #expect(try #require(load().content).document.problems.map(\.code) == [.linkLoop])
    }

    @Test func asksTheDatabaseWhenThereAreNoFiles() throws {
        try scratch.write("not read here", to: "agent/openclaw-agent.sqlite")
        let profiles = Array(one.utf8)
        let document = try #require(
            load { database in
                database == .agent(path: scratch.path("agent/openclaw-agent.sqlite"))
                    ? .found(StoreDatabaseDocuments(profiles: profiles, state: Array(#"{"order":{"openai":[]}}"#.utf8)))
                    : .absent
            }.content
        ).document
        #expect(document.origin == .database)
        #expect(document.profiles.count == 1)
        #expect(document.order == ["openai": []])
        try scratch.write(one, to: "agent/auth-profiles.json")
        #expect(try #require(load { _ in .absent }.content).document.origin == .profiles)
    }

    @Test func theAgentsDatabaseLiesAboveTheSharedOne() throws {
        try scratch.write("", to: "agent/openclaw-agent.sqlite")
        try scratch.write("", to: "state/openclaw.sqlite")
        let files = CredentialStoreFiles(files.store, sharedDatabasePath: scratch.path("state/openclaw.sqlite"))
        let loader = CredentialStoreLoader { database in
            let key = if case .shared = database { "shared" } else { "own" }
            let both = #""both":{"type":"api_key","provider":"\#(key)","key":"k"}"#
            let single = #""\#(key)":{"type":"api_key","provider":"p","key":"k"}"#
            return .found(StoreDatabaseDocuments(profiles: Array(#"{"profiles":{\#(both),\#(single)}}"#.utf8)))
        }
        let document = try #require(BlockingContext.permit { loader.load(files) }.content).document
        #expect(document.profiles.keys.sorted() == ["both", "own", "shared"])
        #expect(document.profiles["both"]?.provider == "own")
    }

    @Test func reportsADatabaseThatItCannotRead() throws {
        try scratch.write("not read here", to: "agent/openclaw-agent.sqlite")
        #expect(try #require(load().problem).code == .unsupported)
    }
}
