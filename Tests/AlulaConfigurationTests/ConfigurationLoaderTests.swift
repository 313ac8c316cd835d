import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct ConfigurationLoaderTests {
    @Test(arguments: ["", "  \n", "// nothing\n", "{}", "\u{FEFF}", "\u{FEFF}{}", "/* a */{/* b */}"])
    func emptyFilesGiveTheDefaults(text: String) throws {
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration.gateway.port == 18789)
        #expect(loaded.configuration.gateway.bind == .loopback)
        #expect(loaded.configuration.gateway.reload.debounce == .milliseconds(300))
        #expect(loaded.configuration.agents.agents.map(\.id) == [.main])
        #expect(loaded.configuration.agents.defaultAgent == .main)
        #expect(loaded.isBlank == !text.contains("{"))
        #expect(loaded.resolved == [:])
    }

    // upstream: 10.9 reload: a missing file
    @Test func aMissingFileGivesTheDefaultsAndIsWatched() throws {
        let loaded = try MemoryFiles().loaded()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.isBlank)
        #expect(loaded.sources.map(\.path) == [MemoryFiles.mainPath])
        #expect(loaded.sources.first?.contentHash == nil)
    }

    @Test(
        arguments: [
            ("{gateway: {port: 1", .truncated, 1, 19), ("{", .truncated, 1, 2), ("{a: 'x", .truncated, 1, 7),
            ("{} {}", .syntax, 1, 4),
            ("{\n  gateway: {\n    port = 1\n  }\n}", .syntax, 3, 10), ("[]", .notAnObject, 1, 1),
            ("7", .notAnObject, 1, 1), ("'text'", .notAnObject, 1, 1),
            (String(repeating: "[", count: 100_000), .tooDeep, 1, 101),
            (String(repeating: "{a:", count: 100_000), .tooDeep, 1, 301),
        ] as [(String, ConfigurationProblem.Code, Int, Int)])
    func aFileThatCanNotBeReadIsSaidToBeSo(text: String, code: ConfigurationProblem.Code, line: Int, column: Int) throws
    {
        let outcome = MemoryFiles(main: text).load()
        guard case .unreadable(let problems, let sources) = outcome else {
            Issue.record("It was loaded.")
            return
        }
        #expect(problems.map(\.code) == [code])
        #expect(problems.map { [$0.line, $0.column] } == [[line, column]])
        #expect(problems.first?.file == MemoryFiles.mainPath)
        #expect(sources.map(\.path) == [MemoryFiles.mainPath])
    }

    @Test func bytesThatAreNotUTF8AreSaidToBeSo() {
        let files = MemoryFiles()
        files.set(
            MemoryFiles.mainPath,
            .success(ConfigurationFile(bytes: [0x7B, 0x61, 0x3A, 0x22, 0xFF, 0x22, 0x7D], realPath: "/x")))
        #expect(files.load().problems.map(\.code) == [.syntax])
    }

    @Test(arguments: ConfigurationError.Code.allCases)
    func aFileThatTheSystemRefusesIsSaidToBeSo(code: ConfigurationError.Code) {
        let files = MemoryFiles()
        files.set(MemoryFiles.mainPath, .failure(ConfigurationError(code, "The system says no.")))
        guard case .unreadable(let problems, let sources) = files.load() else {
            Issue.record("It was loaded.")
            return
        }
        #expect(problems.map(\.code) == [code == .tooLarge ? .fileTooLarge : .unreadableFile])
        #expect(sources.count == 1)
    }

    @Test func everyPrefixOfAFileIsRefusedOrBlank() {
        let text = #"{ gateway: { port: 19001, auth: { token: "${TOKEN}" } }, agents: { list: [ { id: 'a' } ] } }"#
        for length in 1..<text.utf8.count {
            let outcome = MemoryFiles(main: String(text.prefix(length))).load()
            #expect(outcome.problems.first?.code == .truncated, "\(length)")
        }
    }

    @Test func reportsEverythingAtOnceInTheOrderOfPlaces() throws {
        let loaded = try MemoryFiles(
            main: """
                {
                  gatway: {},
                  gateway: { prot: 1, port: "18789", bind: 'lam', auth: { mode: 'none' } },
                  auth: {
                    profiles: { 'openai:x': { provider: 'openai', mode: 'apikey' } },
                  },
                  port: 1, port: 2,
                }
                """
        ).loaded()
        #expect(
            loaded.findings == [
                "warning unknown_key gatway", "warning unknown_key gateway.prot", "error wrong_type gateway.port",
                "error invalid_value gateway.bind", "error invalid_value auth.profiles.openai:x.mode",
                "warning duplicate_key port", "warning unknown_key port",
            ])
        #expect(loaded.problems.map { [$0.line, $0.column] }.prefix(3) == [[2, 3], [3, 14], [3, 29]])
        #expect(loaded.problems[0].remedy == "Did you mean \"gateway\"?")
        #expect(loaded.problems[1].remedy == "Did you mean \"port\"?")
        #expect(loaded.problems[3].remedy == "Did you mean \"lan\"?")
        #expect(loaded.problems[4].remedy == "Did you mean \"api_key\"?")
        #expect(loaded.hasErrors)
        #expect(
            loaded.problems[2].description.hasPrefix(
                "/state/openclaw.json:3:29: error: gateway.port: This must be a whole number"))
    }

    @Test(arguments: [
        "{agents: 7}", "{agents: {list: 7}}", "{agents: {list: ['a', 7, null, [], {}]}}", "{agents: {entries: []}}",
        "{agents: {defaults: []}}",
        "{agents: {defaults: {model: 7, models: [], modelPolicy: {allow: 7}}}}", "{models: []}",
        "{models: {providers: []}}", "{models: {providers: {a: 7, b: [], c: null}}}",
        "{models: {providers: {a: {models: {}}}}}", "{models: {providers: {a: {models: [7, {}, {id: 7}]}}}}",
        "{models: {mode: 7}}", "{auth: 7}", "{auth: {profiles: [], order: 7, cooldowns: 'x'}}",
        "{auth: {order: {a: 7, b: [7]}}}", "{secrets: 7}", "{secrets: {providers: {a: 7}, defaults: 7, resolution: 7}}",
        "{secrets: {providers: {a: {source: 'exec', env: 7, args: 7}}}}",
        "{env: 7}", "{env: {vars: 7, shellEnv: 7, X: 7}}", "{env: {vars: {A: 7, '1': 'x'}}}", "{logging: 7}",
        "{logging: {level: 7, file: 7}}", "{meta: 7}", "{gateway: 7}",
        "{gateway: {auth: 7, reload: 7, tls: 7, http: 7, controlUi: 7, trustedProxies: 7}}",
        "{gateway: {auth: {token: 7, rateLimit: 7, trustedProxy: 7}}}", "{__proto__: {polluted: true}, constructor: 1}",
        "{$include: 7}", "{$include: [7]}", "{gateway: {port: 1e999}}", "{gateway: {port: Infinity}}",
        "{gateway: {port: NaN}}", "{auth: {cooldowns: {billingBackoffHours: 1e999}}}",
    ])
    func wrongTypesNeverStopTheLoad(text: String) throws {
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(!loaded.problems.isEmpty)
        #expect(!loaded.configuration.agents.agents.isEmpty)
        #expect(loaded.configuration.agents.agents.filter(\.isDefault).count == 1)
        #expect(loaded.configuration.gateway.port == 18789)
    }

    @Test(arguments: [
        ("0", false), ("70000", false), ("-1", false), ("1.5", false), ("'18789'", false), ("true", false), ("1", true),
        ("65535", true), ("0x4E20", true), ("19001.0", true),
    ])
    func portsAreChecked(text: String, isRight: Bool) throws {
        let loaded = try MemoryFiles(main: "{gateway: {port: \(text)}}").loaded()
        #expect(loaded.hasErrors != isRight)
        #expect((loaded.configuration.gateway.port == 18789) != isRight)
    }

    @Test func sectionsOfOthersAreKeptWithoutWarnings() throws {
        let text =
            "{channels: {telegram: {anything: [1]}}, hooks: 7, $schema: 'x', cron: {a: 1}, session: {}, tools: {}, mcp: {}, tts: {}, wizard: {}}"
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.resolved.value(at: "channels.telegram.anything[0]") == 1)
    }

    @Test func aFloodOfProblemsIsBounded() throws {
        let text = "{" + (0..<20_000).map { "unknown\($0): 1" }.joined(separator: ",") + "}"
        let problems = try MemoryFiles(main: text).loaded().problems
        #expect(problems.count == ProblemCollector.maximumProblems + 1)
        #expect(problems.last?.code == .tooManyProblems)
        #expect(problems.last?.message.contains("19500") == true)
    }

    @Test func equalContentHasEqualHashes() throws {
        let first = try MemoryFiles(main: "{}").loaded().sources.first?.contentHash
        #expect(try MemoryFiles(main: "{}").loaded().sources.first?.contentHash == first)
        #expect(try MemoryFiles(main: "{ }").loaded().sources.first?.contentHash != first)
        #expect(ContentHash.hash(Array("a".utf8)) == 0xAF63_DC4C_8601_EC8C)
    }

    @Test func aLoadedConfigurationDoesNotPrintItsSecrets() throws {
        let loaded = try MemoryFiles(
            main: "{gateway: {auth: {token: 'fake-canary'}}, channels: {x: {botToken: 'fake-canary'}}}"
        ).loaded()
        var dump = ""
        Swift.dump(loaded, to: &dump)
        #expect(!"\(loaded) \(String(reflecting: loaded)) \(dump)".contains("canary"))
        #expect(!"\(loaded.configuration)".contains("canary"))
    }
}
