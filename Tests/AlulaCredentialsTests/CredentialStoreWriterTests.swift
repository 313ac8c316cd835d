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

struct CredentialStoreWriterTests {
    private let scratch: ScratchDirectory
    private let files: CredentialStoreFiles
    private let writer: CredentialStoreWriter
    private static let noon = Timestamp(milliseconds: 1_780_000_000_000)

    init() throws {
        scratch = try ScratchDirectory(isInMemory: true)
        files = CredentialStoreFiles(
            StoreID(scratch.path("agent")), legacyOAuthPath: scratch.path("credentials/oauth.json"))
        writer = CredentialStoreWriter(files, now: { Self.noon })
    }

    @discardableResult
    private func blocking<Value>(_ body: () throws -> Value) rethrows -> Value { try BlockingContext.permit(body) }

    private func loaded() throws -> CredentialStoreDocument {
        try #require(blocking { CredentialStoreLoader().load(files) }.content).document
    }

    private func json(_ name: String) throws -> JSONValue { try JSONValue.parse(try scratch.read(name)) }

    private func code(_ body: () throws -> Void) throws -> CredentialError.Code? {
        #expect(throws: CredentialError.self) { try blocking(body) }?.code
    }

    @Test func storesTheFirstKey() throws {
        let outcome = try blocking {
            try writer.storeAPIKey(Secret("sk-fake\n"), as: "openai:default", provider: "openai")
        }
        #expect(outcome.didWriteProfiles)
        #expect(!outcome.didWriteState)
        #expect(
            try scratch.read("agent/auth-profiles.json") == """
                {
                  "version": 1,
                  "profiles": {
                    "openai:default": {
                      "type": "api_key",
                      "provider": "openai",
                      "key": "sk-fake"
                    }
                  }
                }

                """)
        let found = try scratch.fingerprint()
        #expect(found.keys.sorted() == ["agent", "agent/auth-profiles.json"])
        #expect(found["agent/auth-profiles.json"]?.mode == 0o600)
        #expect(found["agent"]?.mode == 0o700)
    }

    @Test(arguments: [("", "openai", "sk"), ("a", "", "sk"), ("a", "openai", " \n")])
    func refusesProfilesWithoutContent(id: String, provider: String, key: String) throws {
        let code = try code {
            try writer.storeAPIKey(Secret(key), as: ProfileID(id), provider: ProviderID(provider))
        }
        #expect(code == .invalidProfile)
        #expect(!scratch.exists("agent/auth-profiles.json"))
    }

    // upstream: 10.10 store-cache: concurrent updates kept; a login touches one profile
    @Test(.bug(id: "B55")) func everythingElseSurvivesALogin() throws {
        let text = """
            {"version":7,"custom":{"deep":[1.50,null]},"profiles":{
              "odd":{"type":"future","secret":"CANARY"},
              "openai:work":{"type":"apiKey","provider":"OpenAI","apiKey":"old","email":"a@example.com","extra":{"x":1e2}},
              "xai:default":{"type":"oauth","provider":"xai","access":"a","refresh":"r","oauthRef":"ref","expires":"bad"}},
              "order":{"xai":["xai:default"]}}
            """
        try scratch.write(text, to: "agent/auth-profiles.json")
        try blocking { try writer.storeAPIKey(Secret("sk-new"), as: "openai:work", provider: "openai") }
        var expected = try JSONValue.parse(text)
        guard case .object(var root) = expected, case .object(var profiles)? = root["profiles"] else { return }
        profiles["openai:work"] = [
            "type": "api_key", "provider": "openai", "email": "a@example.com",
            "extra": try JSONValue.parse(#"{"x":1e2}"#),
            "key": "sk-new",
        ]
        root["profiles"] = .object(profiles)
        expected = .object(root)
        #expect(try json("agent/auth-profiles.json").text(.canonical) == expected.text(.canonical))
    }

    @Test func aNewKeyEndsTheOldKeysWindows() throws {
        try blocking {
            try writer.storeAPIKey(Secret("sk-old"), as: "openai:default", provider: "openai")
            try writer.recordUsage(
                ProfileUsage(lastUsed: Self.noon, disabledUntil: Self.noon, disabledReason: .billing, errorCount: 3),
                of: "openai:default")
            try writer.storeAPIKey(Secret("sk-old"), as: "openai:default", provider: "openai")
        }
        #expect(try loaded().usage["openai:default"]?.disabledReason == .billing)
        try blocking { try writer.storeAPIKey(Secret("sk-new"), as: "openai:default", provider: "openai") }
        #expect(try loaded().usage["openai:default"] == ProfileUsage(lastUsed: Self.noon))
    }

    @Test func signsOutOfAProvider() throws {
        try scratch.write(
            """
            {"profiles":{"openai:a":{"type":"api_key","provider":"openai","key":"k"},
             "openai:b":{"type":"api_key","provider":"OpenAI","key":"k"},"xai:a":{"type":"api_key","provider":"xai","key":"k"}},
             "order":{"openai":["openai:b"]},"usageStats":{"openai:a":{"errorCount":1}}}
            """, to: "agent/auth-profiles.json")
        try scratch.write(
            """
            {"order":{"OpenAI":["openai:a"],"xai":["xai:a"],"other":["openai:a"]},"lastGood":{"openai":"openai:a","x":"openai:b"},
             "usageStats":{"openai:b":{"errorCount":1},"xai:a":{"errorCount":1},"inherited":{"errorCount":1}}}
            """, to: "agent/auth-state.json")
        let outcome = try blocking { try writer.removeProfiles(ids: ["inherited"], providers: ["openai"]) }
        #expect(outcome.value == ["openai:a", "openai:b"])
        let document = try loaded()
        #expect(document.profiles.keys.sorted() == ["xai:a"])
        #expect(document.order == ["xai": ["xai:a"]])
        #expect(document.lastGood.isEmpty)
        #expect(document.usage.keys.sorted() == ["xai:a"])
    }

    @Test func removingTheLastOrderedProfileDoesNotSwitchTheProviderOff() throws {
        try scratch.write(
            #"{"profiles":{"a:1":{"type":"api_key","provider":"a","key":"k"}},"order":{"a":["a:1"]}}"#,
            to: "agent/auth-profiles.json")
        try blocking { try writer.removeProfiles(ids: ["a:1"]) }
        #expect(try loaded().order.isEmpty)
    }

    @Test func setsAndClearsOrders() throws {
        try scratch.write(#"{"profiles":{},"order":{"OpenAI":["old"]}}"#, to: "agent/auth-profiles.json")
        try blocking { try writer.setOrder(["b", "a"], for: "openai") }
        #expect(try loaded().order == ["openai": ["b", "a"]])
        try blocking { try writer.setOrder([], for: "openai") }
        #expect(try loaded().order == ["openai": []])
        try blocking { try writer.clearOrder(for: "openai") }
        #expect(try loaded().order.isEmpty)
        #expect(!scratch.exists("agent/auth-state.json"))
    }

    @Test(.bug(id: "B63")) func clearingACooldownClearsAllOfIt() throws {
        let usage = ProfileUsage(
            lastUsed: Self.noon, cooldownUntil: Self.noon, cooldownReason: .rateLimit, cooldownModel: "m",
            disabledUntil: Self.noon, disabledReason: .billing, blockedUntil: Self.noon, errorCount: 4,
            failureCounts: [.billing: 4], lastFailureAt: Self.noon)
        try scratch.write(
            #"{"usageStats":{"p":{"failureCounts":{"made_up":3},"custom":true}}}"#, to: "agent/auth-state.json")
        try blocking {
            try writer.recordUsage(usage, of: "p")
            try writer.clearCooldown(of: "p")
        }
        #expect(try loaded().usage["p"] == ProfileUsage(lastUsed: Self.noon, lastFailureAt: Self.noon))
        #expect(
            try json("agent/auth-state.json").text()
                == #"{"version":1,"usageStats":{"p":{"custom":true,"lastUsed":1780000000000,"errorCount":0,"lastFailureAt":1780000000000}}}"#
        )
    }

    @Test func recordsSuccess() throws {
        try blocking {
            try writer.recordUsage(ProfileUsage(cooldownUntil: Self.noon, errorCount: 2), of: "openai:a")
            try writer.recordSuccess(of: "openai:a", for: "openai", at: Self.noon)
        }
        let document = try loaded()
        #expect(document.usage == ["openai:a": ProfileUsage(lastUsed: Self.noon)])
        #expect(document.lastGood == ["openai": "openai:a"])
    }

    @Test func writesNothingWhenNothingChanges() throws {
        try scratch.write(#"{ "profiles" : {} }"#, to: "agent/auth-profiles.json", mode: 0o644)
        let before = try scratch.fingerprint()["agent/auth-profiles.json"]
        let outcome = try blocking { try writer.removeProfiles(providers: ["openai"]) }
        let after = try scratch.fingerprint()["agent/auth-profiles.json"]
        #expect(!outcome.didWriteProfiles && !outcome.didWriteState)
        #expect(after?.inode == before?.inode)
        #expect(after?.modified == before?.modified)
        #expect(after?.mode == 0o600)
    }

    @Test func signingOutMakesNoDirectories() throws {
        let outcome = try blocking { try writer.removeProfiles(providers: ["openai"]) }
        #expect(outcome.value.isEmpty)
        #expect(try scratch.fingerprint().isEmpty)
    }

    @Test func removesWhatKilledWritersLeft() throws {
        try scratch.write("CANARY", to: "agent/.auth-profiles.json.123.abc.tmp")
        try scratch.write("other", to: "agent/.other.123.abc.tmp")
        try blocking { try writer.setOrder([], for: "a") }
        #expect(
            try scratch.fingerprint(below: "agent").keys.sorted() == [
                "agent/.other.123.abc.tmp", "agent/auth-state.json",
            ])
    }

    @Test func writesThroughLinks() throws {
        try scratch.write(#"{"profiles":{}}"#, to: "real/profiles.json")
        try scratch.write(#"{"order":{"a":["b"]}}"#, to: "real/state.json")
        let link = try scratch.link("agent/auth-profiles.json", to: "../real/profiles.json")
        _ = try scratch.link("agent/auth-state.json", to: "../real/state.json")
        try blocking {
            try writer.storeAPIKey(Secret("sk-fake"), as: "a:1", provider: "a")
            try writer.clearOrder(for: "a")
        }
        #expect(try blocking { try FileIdentity.of(link, followsLinks: false).kind } == .symbolicLink)
        #expect(try json("real/profiles.json")["profiles"]?["a:1"]?["key"] == "sk-fake")
        #expect(try json("real/state.json") == ["version": 1])
        #expect(try loaded().problems.isEmpty)
    }

    // upstream: 10.10 readonly-sync: file unchanged; OPENCLAW_AUTH_STORE_READONLY
    @Test func refusesToWriteWhereItMayNot() throws {
        let readOnly = CredentialStoreWriter(files, isReadOnly: true, now: { Self.noon })
        try scratch.write(#"{"openai":{"type":"api_key","key":"k"}}"#, to: "agent/auth.json")
        let before = try scratch.fingerprint()
        #expect(try code { try readOnly.recordUsage(ProfileUsage(errorCount: 1), of: "a") } == .storeReadOnly)
        #expect(try code { try readOnly.storeAPIKey(Secret("k"), as: "a", provider: "a") } == .storeReadOnly)
        #expect(try scratch.fingerprint() == before)
        #expect(CredentialStoreWriter.isReadOnly { ["OPENCLAW_AUTH_STORE_READONLY": "1"][$0] })
        #expect(CredentialStoreWriter.isReadOnly { ["ALULA_AUTH_STORE_READONLY": "1"][$0] })
        #expect(!CredentialStoreWriter.isReadOnly { ["ALULA_AUTH_STORE_READONLY": "0"][$0] })
    }

    // MARK: Damage

    @Test(.bug(id: "B54"), arguments: [#"{"profiles":{"a":"#, "", "[]", #"{"openai":{"apiKey":"k"}}"#, "\u{0}\u{0}"])
    func aLoginWorksOnADamagedStoreAndACopyIsKept(text: String) throws {
        try scratch.write(text, to: "agent/auth-profiles.json")
        let outcome = try blocking { try writer.storeAPIKey(Secret("sk-fake"), as: "a:1", provider: "a") }
        #expect(try loaded().profiles.keys.sorted() == ["a:1"])
        let copy = "agent/auth-profiles.json.corrupt-20260528T202640Z"
        #expect(outcome.keptAside == [scratch.path(copy)])
        #expect(try scratch.read(copy) == text)
        #expect(try scratch.fingerprint()[copy]?.mode == 0o600)
    }

    @Test func bookkeepingLeavesADamagedStoreAlone() throws {
        try scratch.write("damaged", to: "agent/auth-profiles.json")
        try blocking { try writer.recordUsage(ProfileUsage(errorCount: 1), of: "a:1") }
        #expect(try scratch.read("agent/auth-profiles.json") == "damaged")
        #expect(try json("agent/auth-state.json")["usageStats"]?["a:1"]?["errorCount"] == 1)
        try scratch.write("damaged", to: "agent/auth-state.json")
        let code = try code { try writer.recordUsage(ProfileUsage(errorCount: 2), of: "a:1") }
        #expect(code == .storeUnreadable)
        #expect(try scratch.read("agent/auth-state.json") == "damaged")
        let outcome = try blocking { try writer.setOrder(["a:1"], for: "a") }
        #expect(outcome.keptAside == [scratch.path("agent/auth-state.json.corrupt-20260528T202640Z")])
    }

    @Test func neverReplacesWhatIsNoFile() throws {
        let pipe = try scratch.makePipe("agent/auth-profiles.json")
        let code = try code { try writer.storeAPIKey(Secret("k"), as: "a", provider: "a") }
        #expect(code == .storeUnreadable)
        #expect(try blocking { try FileIdentity.of(pipe).kind } == .pipe)
    }

    @Test func saysWhenItCannotWrite() throws {
        try scratch.write("in the way", to: "agent")
        let error = #expect(throws: CredentialError.self) {
            try blocking { try writer.storeAPIKey(Secret("CANARY"), as: "a", provider: "a") }
        }
        #expect(error?.code == .storeNotWritable)
        #expect(error.map { "\($0)".contains("CANARY") } == false)
    }

    // MARK: Older and later versions

    /// A writer was killed when the new store was there and the older one not yet gone.
    @Test func theNextLoginFinishesAMoveThatWasCutOff() throws {
        let older = #"{"anthropic":{"type":"api_key","key":"sk-fake"}}"#
        try scratch.write(older, to: "agent/auth.json")
        try blocking { try writer.storeAPIKey(Secret("sk"), as: "groq:a", provider: "groq") }
        try scratch.write(older, to: "agent/auth.json")
        try blocking { try writer.storeAPIKey(Secret("sk"), as: "groq:b", provider: "groq") }
        #expect(!scratch.exists("agent/auth.json"))

        // One that says something else is nobody's leftover.
        try scratch.write(#"{"anthropic":{"type":"api_key","key":"sk-other"}}"#, to: "agent/auth.json")
        try blocking { try writer.storeAPIKey(Secret("sk"), as: "groq:c", provider: "groq") }
        #expect(scratch.exists("agent/auth.json"))
    }

    // upstream: 10.10 ensureauthprofilestore: legacy migration and deletion; oauth.json merged
    @Test func migratesOlderFilesWhenAPersonWrites() throws {
        try scratch.write(#"{"anthropic":{"type":"api_key","key":"sk-fake","extra":1}}"#, to: "agent/auth.json")
        try scratch.write(#"{"chutes":{"access":"a","refresh":"r"}}"#, to: "credentials/oauth.json")
        try blocking { try writer.recordUsage(ProfileUsage(errorCount: 1), of: "anthropic:default") }
        #expect(scratch.exists("agent/auth.json"))
        #expect(!scratch.exists("agent/auth-profiles.json"))
        try blocking { try writer.setOrder(["anthropic:default"], for: "anthropic") }
        #expect(!scratch.exists("agent/auth.json"))
        #expect(scratch.exists("credentials/oauth.json"))
        let document = try loaded()
        #expect(document.origin == .profiles)
        #expect(document.profiles.keys.sorted() == ["anthropic:default", "chutes:default"])
        #expect(try json("agent/auth-profiles.json")["profiles"]?["anthropic:default"]?["extra"] == 1)
    }

    @Test func takesOverADatabaseAsAWhole() throws {
        try scratch.write("", to: "agent/openclaw-agent.sqlite")
        let profiles = Array(#"{"profiles":{"a:1":{"type":"api_key","provider":"a","key":"k"}}}"#.utf8)
        let loader = CredentialStoreLoader { _ in
            .found(StoreDatabaseDocuments(profiles: profiles, state: Array(#"{"order":{"a":["a:1"]}}"#.utf8)))
        }
        let writer = CredentialStoreWriter(files, loader: loader, now: { Self.noon })
        try blocking { try writer.storeAPIKey(Secret("k"), as: "b:1", provider: "b") }
        let document = try loaded()
        #expect(document.profiles.keys.sorted() == ["a:1", "b:1"])
        #expect(document.order == ["a": ["a:1"]])
    }

    // upstream: 10.10 persisted-boundary: inherited logins are not copied into agents
    @Test func dropsCopiesOfLoginsThatTheMainStoreHasAsFresh() throws {
        func login(_ account: String, _ expires: Int) -> String {
            #"{"type":"oauth","provider":"p","access":"a","refresh":"r","accountId":"\#(account)","expires":\#(expires)}"#
        }
        try scratch.write(
            #"{"profiles":{"same":\#(login("1", 2000)),"fresher":\#(login("1", 3000)),"other":\#(login("2", 2000))}}"#,
            to: "agent/auth-profiles.json")
        try scratch.write(
            #"{"profiles":{"same":\#(login("1", 2000)),"fresher":\#(login("1", 2000)),"other":\#(login("1", 2000))}}"#,
            to: "main/auth-profiles.json")
        let writer = CredentialStoreWriter(
            files, main: CredentialStoreFiles(StoreID(scratch.path("main"))), now: { Self.noon })
        try blocking { try writer.storeAPIKey(Secret("k"), as: "key", provider: "p") }
        #expect(try loaded().profiles.keys.sorted() == ["fresher", "key", "other"])
    }

    @Test func storesNoPlaintextBesideAPointer() throws {
        try scratch.write(
            #"{"profiles":{"a":{"type":"token","provider":"p","token":"t","tokenRef":{"source":"env","id":"T"}}}}"#,
            to: "agent/auth-profiles.json")
        try blocking { try writer.storeAPIKey(Secret("k"), as: "b", provider: "p") }
        #expect(try json("agent/auth-profiles.json")["profiles"]?["a"]?["token"] == nil)
        #expect(try loaded().profiles["a"]?.reference?.id == "T")
    }

    // MARK: Others

    // upstream: 10.10 store-cache: existing lock not reclaimed
    @Test func waitsForALockThatIsHeldAndGivesUpInTime() throws {
        let note = "{\"pid\":\(getpid()),\"createdAt\":\"\(WallClock.now().iso8601)\"}"
        try scratch.write(note, to: "agent/auth-profiles.json.lock")
        let code = try code {
            try writer.update(.requested, deadline: .after(.milliseconds(100))) { $0.setOrder([], for: "a") }
        }
        #expect(code == .storeBusy)
        #expect(try scratch.read("agent/auth-profiles.json.lock") == note)
    }

    @Test(.bug(id: "B57")) func takesALockWhoseHolderIsGone() throws {
        try scratch.write(#"{"pid":999999999,"createdAt":"2026-11-25T00:00:00Z"}"#, to: "agent/auth-profiles.json.lock")
        try blocking { try writer.setOrder([], for: "a") }
        #expect(!scratch.exists("agent/auth-profiles.json.lock"))
    }

    // upstream: 10.10 store-cache: concurrently changed profile reloaded
    @Test func keepsWhatAProgramWithoutLocksWroteMeanwhile() throws {
        try scratch.write(#"{"profiles":{}}"#, to: "agent/auth-profiles.json")
        var calls = 0
        try blocking {
            try writer.update(.requested) { (document) throws(CredentialError) in
                calls += 1
                if calls == 1 {
                    #expect(throws: Never.self) {
                        try scratch.write(
                            #"{"profiles":{"x:1":{"type":"api_key","provider":"x","key":"k"}}}"#,
                            to: "agent/auth-profiles.json")
                    }
                }
                try document.storeAPIKey(Secret("k"), as: "a:1", provider: "a")
            }
        }
        #expect(calls == 2)
        #expect(try loaded().profiles.keys.sorted() == ["a:1", "x:1"])
    }

    // upstream: 10.10 markauthprofilefailure: disk credentials not overwritten by stale memory; store-cache: concurrent updates kept
    @Test(.bug(id: "B34")) func concurrentWritersLoseNothing() async throws {
        let pool = BlockingPool()
        let writer = writer
        try await withThrowingDiscardingTaskGroup { group in
            for worker in 0..<2 {
                group.addTask {
                    try await pool.run("writer", deadline: .after(.seconds(120))) {
                        for index in 0..<200 {
                            try writer.update(.requested, deadline: .after(.seconds(100))) {
                                (document) throws(CredentialError) in
                                try document.storeAPIKey(
                                    Secret("k"), as: ProfileID("w\(worker):\(index % 20)"), provider: "p")
                                document.updateUsage(of: "shared") { $0.errorCount += 1 }
                            }
                        }
                    }
                }
            }
        }
        let document = try loaded()
        #expect(document.profiles.count == 40)
        #expect(document.usage["shared"]?.errorCount == 400)
        #expect(try scratch.fingerprint(below: "agent").count == 2)
    }
}
