import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct BundleDigestTests {
    private func shown(_ text: String) throws -> JSONValue {
        var digest = ConfigurationDigest(names: BundleNames())
        return digest.shown(try JSONValue.parse(text))
    }

    @Test func whatIsKnownToBeHarmlessStays() throws {
        let text = """
            {"gateway":{"mode":"local","port":18789,"tls":{"enabled":true}},"logging":{"level":"debug"},
            "agents":{"defaults":{"model":{"primary":"anthropic/claude-opus-4-6"}}},
            "auth":{"profiles":{},"order":{"openai":[]}}}
            """
        #expect(try shown(text) == JSONValue.parse(text))
    }

    @Test(arguments: [
        (#"{"secrets":{"providers":{"v":{"source":"exec","command":"/bin/x","args":["--t","CANARY"]}}}}"#, "args"),
        (#"{"unknownKey":"CANARY"}"#, "unknown value"), (#"{"CANARY":true}"#, "unknown key"),
        (#"{"unknownKey":{"CANARY":1}}"#, "key below an unknown key"),
        (#"{"tools":{"web":{"note":"CANARY"}}}"#, "kept"),
        (#"{"gateway":{"mode":"CANARY"}}"#, "no word of the set"), (#"{"gateway":{"port":"CANARY"}}"#, "wrong type"),
        (#"{"gateway":{"auth":{"token":"CANARY"}}}"#, "secret"),
        (#"{"gateway":{"auth":{"token":{"source":"CANARY","id":"CANARY","provider":"CANARY"}}}}"#, "reference"),
        (#"{"models":{"providers":{"CANARY":{"baseUrl":"https://u:CANARY@h/CANARY?k=CANARY"}}}}"#, "URL"),
        (#"{"models":{"providers":{"p":{"baseUrl":"https://CANARY.example:CANARY/"}}}}"#, "host and port"),
        (#"{"models":{"providers":{"p":{"baseUrl":"CANARY"}}}}"#, "no URL"),
        (#"{"models":{"providers":{"p":{"api":"CANARY","params":{"CANARY":"CANARY"}}}}}"#, "parameters"),
        (#"{"models":{"providers":{"p":{"headers":{"CANARY":"CANARY"}}}}}"#, "headers"),
        (#"{"agents":{"entries":{"CANARY":{"name":"CANARY","identity":{"theme":"CANARY"}}}}}"#, "agents"),
        (#"{"agents":{"list":[{"id":"CANARY","workspace":"/CANARY","agentDir":"CANARY"}]}}"#, "list of agents"),
        (
            #"{"agents":{"defaults":{"model":"openai/gpt@CANARY:x","models":{"CANARY/m":{"alias":"CANARY"}}}}}"#,
            "models"
        ),
        (#"{"auth":{"profiles":{"openai:CANARY":{"email":"CANARY"}},"order":{"openai":["openai:CANARY"]}}}"#, "auth"),
        (#"{"env":{"CANARY":"CANARY","vars":{"CANARY":"CANARY"}}}"#, "env"),
        (#"{"logging":{"file":"/CANARY","redactPatterns":["CANARY"]}}"#, "log"),
        (#"{"meta":{"lastTouchedVersion":"1CANARY","lastTouchedAt":"CANARY"}}"#, "meta"),
    ])
    func nothingThatSomebodyChoseIsShown(text: String, what: String) throws {
        // No net behind it: the digest alone has to hold.
        let shown = try shown(text).text(.compact)
        #expect(!shown.contains("CANARY"), "\(what): \(shown)")
    }

    @Test func aNumberThatNobodyKnowsIsNotShown() throws {
        #expect(try shown(#"{"pin":4711,"gateway":{"port":99}}"#).text(.compact).contains("4711") == false)
        #expect(try shown(#"{"gateway":{"port":99}}"#) == ["gateway": ["port": 99]])
        #expect(try shown(#"{"gateway":{"mode":99}}"#) == ["gateway": ["mode": "(number)"]])
    }

    @Test func ofUrlsOnlyHowTheyAreReachedIsShown() {
        #expect(ConfigurationDigest.origin("http://localhost:11434/v1") == "http://localhost:11434")
        #expect(ConfigurationDigest.origin("https://me:pw@h.example:8443/x?key=y#z") == "https://(host):8443")
        #expect(ConfigurationDigest.origin("http://[::1]:80/") == "http://[::1]:80")
        #expect(ConfigurationDigest.origin("https://a@b@c/") == "https://(host)")
        #expect(ConfigurationDigest.origin("secret://x") == "(URL)")
        #expect(ConfigurationDigest.origin("x") == "(text)")
    }

    @Test func whatIsLeftOutIsAlsoLookedForElsewhere() throws {
        let value = try JSONValue.parse(
            #"{"gateway":{"mode":"local"},"note":"long enough","x":"https://user-a:pass-b@h/?k=value-c","deepkey":{"hiddenkey":1}}"#
        )
        var digest = ConfigurationDigest(names: BundleNames())
        _ = digest.shown(value)
        let out = digest.leftOut(of: value)
        #expect(out.isSuperset(of: ["long enough", "user-a", "pass-b", "value-c", "hiddenkey"]))
        // Words that everybody may know would blank half of the bundle.
        #expect(out.isDisjoint(with: ["gateway", "mode", "local"]))
    }

    @Test func whatReferencesPointAtIsLearned() throws {
        var digest = ConfigurationDigest(names: BundleNames())
        digest.learnReferences(
            in: try JSONValue.parse(
                #"{"a":["x${MY_VARIABLE}y${OPENAI_API_KEY}","${open"],"b":{"source":"exec","provider":"v","id":"entry-in-vault"}}"#
            ))
        #expect(
            digest.names.replaced(in: "MY_VARIABLE, OPENAI_API_KEY, entry-in-vault")
                == "<key-1>, OPENAI_API_KEY, <key-2>")
    }

    // MARK: Names

    @Test func aNameHasOnePseudonymEverywhere() {
        var names = BundleNames()
        #expect(names.name("openai:work", .profile) == "<profile-1>")
        #expect(names.name("openai:work-2", .profile) == "<profile-2>")
        #expect(names.name("openai:work", .profile) == "<profile-1>")
        #expect(names.name("anthropic", .provider) == "anthropic")
        #expect(names.name("main", .agent) == "main")
        #expect(names.replaced(in: "of openai:work-2, openai:work.") == "of <profile-2>, <profile-1>.")
        #expect(names.replaced(in: "openai:working") == "openai:working")
        // Pseudonyms are no names, and names that read like one are.
        #expect(names.name("profile-1", .profile) == "<profile-3>")
        #expect(names.replaced(in: "<profile-1> profile-1 <profile-9>") == "<profile-1> <profile-3> <profile-9>")
        _ = names.name("ok", .agent)
        #expect(names.replaced(in: "it is ok") == "it is ok")
        #expect(names.replaced(in: "ok") == "<agent-1>")
    }

    @Test func answersLearnNamesBeforeTheyAreShown() throws {
        var text = BundleText()
        text.places = [("/s/.openclaw", BundleText.stateSign), ("/s", BundleText.homeSign)]
        let answer = try JSONValue.parse(
            """
            {"agentDir":"/s/.openclaw/agents/main/agent","workspace":"/s/CANARY","storePath":"/x/CANARY",
            "modelsJson":{"value":"ref(exec:vault:CANARY)"},"other":{"value":"CANARY"},"aliases":{"CANARY-alias":"openai/gpt-5"},
            "auth":{"providers":[{"provider":"openai","reason":"openai:CANARY is used","profiles":{"labels":["openai:CANARY=x"]}}],
            "profiles":[{"profileId":"openai:CANARY","email":"CANARY@example","displayName":"CANARY"}],
            "oauth":{"profiles":[{"label":"openai:CANARY (CANARY@x)"}],"providers":[{"profiles":["openai:CANARY"]}]}}}
            """)
        let digest = AnswerDigest.shown(answer, learning: &text)
        let shown = text.clean(digest)
        #expect(!shown.text(.compact).contains("CANARY"), "\(shown.text(.compact))")
        #expect(shown["agentDir"] == "<state>/agents/main/agent")
        #expect(shown["workspace"] == "~/…")
        #expect(shown["auth"]?["profiles"]?.array?.first?["profileId"] == "<profile-1>")
        #expect(shown["auth"]?["providers"]?.array?.first?["reason"] == "<profile-1> is used")
    }

    // MARK: Problems, log, state

    @Test func problemsKeepTheirPlaceWithoutWhatWasQuoted() {
        var names = BundleNames()
        let problem = ConfigurationProblem(
            severity: .error, code: .unknownKey,
            path: ConfigurationPath(keys: "models", "providers", "CANARY", "apiKey"),
            file: "/s/CANARY.json5", line: 3, column: 4, message: "The variable CANARY_KEY is not set.",
            remedy: #"Did you mean "CANARY"? Set ${CANARY}, or `CANARY"#)
        let shown = ProblemDigest.shown(problem, main: "/s/openclaw.json", names: &names)
        #expect(!shown.text(.compact).contains("CANARY"), "\(shown.text(.compact))")
        #expect(shown["path"] == "models.providers.<provider-1>.apiKey")
        #expect(shown["line"] == 3)
        #expect(shown["message"] == "The variable (variable) is not set.")
        #expect(ProblemDigest.withoutQuotes("costs $5, a \"b\" c") == "costs $5, a \"…\" c")
    }

    @Test func linesThatAreNoRecordsAreCounted() {
        var names = BundleNames()
        let record =
            #"{"1":"agent started","2":{"agent":"CANARY","profileId":"openai:CANARY","count":3},"_meta":{"date":"d","logLevelName":"INFO"}}"#
        let shown = LogDigest.shown([record, "CANARY", #"{"1":"CANARY"}"#, "[1]"], learning: &names)
        #expect(!JSONValue.array(shown).text(.compact).contains("CANARY"))
        #expect(
            shown.first
                == [
                    "time": "d", "level": "INFO", "message": "agent started",
                    "fields": ["agent": "<agent-1>", "profileId": "<profile-1>", "count": 3],
                ])
        #expect(shown.dropFirst().allSatisfy { $0["notShown"] != nil })
        #expect(shown[1]["bytes"] == 6)
    }

    @Test(arguments: [
        ("openclaw.json", true), ("openclaw.json.bak", true), ("openclaw.json.bak.2", true),
        ("openclaw.sqlite-wal", true),
        ("openclaw.json.rejected.2026-11-27T17-00-00Z", true), ("openclaw.json.CANARY", false),
        ("openclaw.jsonx", false),
        ("openclaw.json..bak", false), ("CANARY", false), ("", false),
    ])
    func namesOfOthersAreNotKnown(name: String, isKnown: Bool) { #expect(StateDigest.isKnown(name) == isKnown) }

    @Test func filesOfOthersKeepNoMoreThanACommonEnding() {
        var names = BundleNames()
        func found(_ path: String...) -> StateDigest.Found {
            .init(
                path: path, kind: "regular", mode: 0o600, isOwn: true, size: 5,
                modified: Timestamp(milliseconds: 1_780_000_000_000))
        }
        let shown = StateDigest.shown(
            [
                found(), found("CANARY.json"), found("x.CANARY"), found("CANARY", "CANARY.sh"), found(".CANARY"),
                found("agents", "CANARY-agent", "agent", "auth-profiles.json"), found("agents", "main", "agent"),
            ], learning: &names)
        #expect(
            shown.compactMap { $0["path"]?.string } == [
                ".", "<file-1>.json", "<file-2>", "<file-3>/<file-4>.sh", "<file-5>",
                "agents/<agent-1>/agent/auth-profiles.json",
                "agents/main/agent",
            ])
        #expect(shown.first?["mode"] == "0600")
    }

    // MARK: The last net

    @Test func everythingPassesTheLastNet() throws {
        var text = BundleText()
        text.hidden = KnownSecrets(["CANARY-known"])
        text.places = [("/home/me/.openclaw", BundleText.stateSign), ("/home/me", BundleText.homeSign)]
        let shown = text.clean(
            try JSONValue.parse(
                #"{"CANARY-known":"x CANARY-known y","token":"CANARY-named","u":"see https://me:pw@CANARY.example/x, ws://127.0.0.1:1/y","m":["Bearer CANARY0123456789","api_key=CANARY-a"],"p":"/home/me/x /home/men /home/me/.openclaw/y"}"#
            ))
        #expect(!shown.text(.compact).contains("CANARY"), "\(shown.text(.compact))")
        #expect(shown["u"] == "see https://(host) ws://127.0.0.1:1")
        #expect(shown["p"] == "~/x /home/men <state>/y")
    }
}
