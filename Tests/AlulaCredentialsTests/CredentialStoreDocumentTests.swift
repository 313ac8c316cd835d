import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct CredentialStoreDocumentTests {
    private func document(profiles: String, state: String = "{}") throws -> CredentialStoreDocument {
        CredentialStoreDocument(
            profiles: try #require(JSONValue.parse(profiles).object),
            state: try #require(JSONValue.parse(state).object),
            origin: .profiles, path: "/fake/auth-profiles.json")
    }

    // upstream: 10.10 ensureauthprofilestore: one aggregated warning
    @Test func warnsOnceAboutAllRejectedEntries() throws {
        let bad = (1...12).map { #""bad:\#($0)": {"type":"nope","provider":"p"}"# }.joined(separator: ",")
        let document = try document(
            profiles: #"{"profiles":{\#(bad),"x":1,"y":{"type":"token"},"ok":{"type":"token","provider":"p"}}}"#)
        #expect(document.profiles.keys.sorted() == ["ok"])
        let problem = try #require(document.problems.first)
        #expect(document.problems.count == 1)
        #expect(problem.code == .entriesRejected)
        #expect(problem.path == "/fake/auth-profiles.json")
        #expect(
            problem.message
                == "14 entries are no credential (1 non_object, 12 invalid_type, 1 missing_provider): "
                + "bad:1, bad:2, bad:3, bad:4, bad:5, bad:6, bad:7, bad:8, bad:9, bad:10 and 4 more. "
                + "Valid types are api_key, token, oauth.")
    }

    @Test func warnsWithoutCharactersThatMoveTheCursor() throws {
        let key = "\u{1B}[2J" + String(repeating: "k", count: 100)
        let text = JSONValue.object(JSONObject([("profiles", .object(JSONObject([(key, .null)])))])).text()
        let message = try #require(try document(profiles: text).problems.first).message
        #expect(!message.contains("\u{1B}"))
        #expect(message.contains("…"))
    }

    @Test func readsStateFieldByField() throws {
        let document = try document(
            profiles: #"{"profiles":{}}"#,
            state: """
                {"order":{"OpenAI":["openai:work",3," ","openai:work","openai:home"],"groq":[],"zai":[1],"xai":"a"},
                 "lastGood":{"openai":"openai:work","groq":7},
                 "usageStats":{"openai:work":{"lastUsed":1780000000000,"cooldownUntil":"later","cooldownReason":"rate_limit",
                   "cooldownModel":"gpt-5.5","disabledUntil":0,"disabledReason":"made_up","blockedUntil":1e99,
                   "blockedReason":"other","blockedSource":"wham","errorCount":2.9,
                   "failureCounts":{"rate_limit":1.5,"billing":-1,"made_up":4,"auth":0.5},"lastFailureAt":-5},
                  "empty":{},"text":"x"}}
                """)
        #expect(document.order == ["openai": ["openai:work", "openai:home"], "groq": []])
        #expect(document.lastGood == ["openai": "openai:work"])
        #expect(
            document.usage == [
                "openai:work": ProfileUsage(
                    lastUsed: Timestamp(milliseconds: 1_780_000_000_000), cooldownReason: .rateLimit,
                    cooldownModel: "gpt-5.5", blockedSource: "wham", errorCount: 2, failureCounts: [.rateLimit: 1])
            ])
    }

    @Test func stateFileLiesAboveStateInTheProfilesFile() throws {
        let document = try document(
            profiles: """
                {"profiles":{},"order":{"a":["a:1"],"b":["b:1"]},"lastGood":{"a":"a:1"},
                 "usageStats":{"a:1":{"errorCount":1},"b:1":{"errorCount":1}}}
                """,
            state: #"{"order":{"a":["a:2"]},"usageStats":{"a:1":{"errorCount":5}}}"#)
        #expect(document.order == ["a": ["a:2"], "b": ["b:1"]])
        #expect(document.lastGood == ["a": "a:1"])
        #expect(document.usage["a:1"]?.errorCount == 5)
        #expect(document.usage["b:1"]?.errorCount == 1)
    }

    // upstream: 10.10 ensureauthprofilestore: flat files ignored; arrays ignored
    @Test(arguments: [
        ("[]", false), (#"{"openai":{"apiKey":"sk-fake"}}"#, false), (#"{"profiles":[]}"#, false), ("3", false),
        (#"{"profiles":{}}"#, true),
    ])
    func knowsAStore(text: String, isStore: Bool) throws {
        #expect(CredentialStoreDocument.isStore(try JSONValue.parse(text)) == isStore)
    }

    // upstream: 10.10 ensureauthprofilestore: legacy migration; oauth.json merged
    @Test func makesAStoreOfLegacyMaps() throws {
        let document = try #require(
            CredentialStoreDocument(
                legacyMap: try JSONValue.parse(
                    #"{"OpenAI":{"type":"api_key","key":"sk-fake"},"anthropic":{"type":"oauth","access":"a"},"x":5}"#),
                at: "/fake/auth.json",
                legacyOAuth: try JSONValue.parse(
                    #"{"anthropic":{"access":"b"},"chutes":{"access":"c","refresh":"d"}}"#),
                at: "/fake/oauth.json", state: JSONObject()))
        #expect(document.origin == .legacyMap)
        #expect(document.path == "/fake/auth.json")
        #expect(document.profiles.keys.sorted() == ["anthropic:default", "chutes:default", "openai:default"])
        #expect(document.profiles["anthropic:default"]?.inline?.exposed == "a")
        #expect(document.profiles["chutes:default"]?.kind == .oauth)
        #expect(document.profiles["openai:default"]?.provider == "openai")
        #expect(document.problems.map(\.code) == [.entriesRejected])
    }

    @Test func legacyInputsWithoutEntriesAreNoStore() throws {
        #expect(
            CredentialStoreDocument(
                legacyMap: try JSONValue.parse("[]"), at: "", legacyOAuth: nil, at: "", state: JSONObject()) == nil)
    }

    @Test func factsHoldNoSecret() throws {
        let document = try document(
            profiles: """
                {"profiles":{"a:1":{"type":"oauth","provider":"a","access":"CANARY-1","refresh":"CANARY-2",
                 "idToken":"CANARY-3","unknown":"CANARY-4"},"a:2":{"type":"api_key","provider":"a","key":"CANARY-5"}}}
                """)
        let fact = document.fact(markers: [])
        var dumped = ""
        dump(document, to: &dumped)
        dump(fact, to: &dumped)
        dump(document.profiles, to: &dumped)
        dumped += "\(document) \(fact) \(document.profiles) \(String(reflecting: document))"
        #expect(!dumped.contains("CANARY"))
        #expect(fact.profiles["a:1"]?.refreshDigest == FactVersion(recognising: Secret("CANARY-2")))
    }
}
