import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

/// Plants a secret in every place that a support bundle is made from, and searches every byte of the bundle.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BundleCanaryTests {
    /// Common to all that is planted.
    private static let sign = "CANARY"
    private static let files = [
        "manifest.json", "configuration.json", "problems.json", "machine.json", "models-status.json", "health.json",
        "status.json", "log.json", "state.json", "service.json",
    ]

    @Test func noPlantedSecretIsInTheBundleOfARunningGateway() async throws {
        let installation = try Self.installation()
        try Self.plant(in: installation)
        let gateway = try await installation.startGateway("--log-level", "trace")
        try await Self.plantLog(in: installation)
        let token = gateway.token.exposed
        #expect(token.count >= 16)
        try await Self.examine(installation, "live.tar.gz", also: [token], source: "answered by the running gateway")
        #expect(try await gateway.stop() == .exited(0))
        try await Self.examine(installation, "offline.tar", also: [token], source: "computed without a gateway")
    }

    @Test func aConfigurationThatCannotBeReadGivesNothingAway() async throws {
        let installation = try Self.installation()
        try Self.plant(in: installation)
        try installation.write(
            "openclaw.json", "// CANARY-0\n{gateway: {auth: {token: 'CANARY-1'}}, CANARY-2 'CANARY-3")
        let texts = try await Self.bundle(installation, "broken.tar")
        for (name, text) in texts { #expect(!text.contains(Self.sign), "\(name): \(Self.around(text))") }
        #expect(
            texts["problems.json"]?.contains("\"syntax\"") == true
                || texts["problems.json"]?.contains("truncated") == true)
        #expect(texts["manifest.json"]?.contains("can't be read") == true)
        #expect(texts["state.json"]?.contains("auth-profiles.json") == true)
    }

    @Test func helperProgramsRunOnlyWhenTheyMay() async throws {
        let installation = try Self.installation()
        try Self.plant(in: installation)
        _ = try await Self.bundle(installation, "without.tar")
        #expect(installation.read("helper-ran") == "")
        let result = try await installation.alula("doctor", "--bundle", "with.tar", "--allow-exec")
        #expect(result.status == 0)
        #expect(installation.read("helper-ran") == "ran\n")
    }

    @Test func anExistingFileIsRefused() async throws {
        let installation = try Self.installation()
        try installation.write("\(installation.home)/there.tar", "mine")
        let result = try await installation.alula("doctor", "--bundle", "there.tar")
        #expect(result.status != 0)
        #expect(result.errors.contains("stays as it is"))
        #expect(installation.read("\(installation.home)/there.tar") == "mine")
    }

    // MARK: Searching

    private static func examine(
        _ installation: Installation, _ file: String, also secrets: [String], source: String
    ) async throws {
        let texts = try await bundle(installation, file)
        #expect(Set(texts.keys) == Set(files))
        for (name, text) in texts {
            #expect(!text.contains(sign), "\(file) \(name): \(around(text))")
            for secret in secrets { #expect(!text.contains(secret), "\(file) \(name)") }
            #expect(!text.contains(installation.home), "\(file) \(name) says where the home directory is")
        }
        // It would be easy to leave everything out.
        #expect(texts["manifest.json"]?.contains("\"failed\"") == false, "\(texts["manifest.json"] ?? "")")
        #expect(texts["manifest.json"]?.contains(source) == true)
        let configuration = try JSONValue.parse(texts["configuration.json"] ?? "")
        #expect(configuration["logging"]?["level"] == "trace")
        #expect(configuration["models"]?["providers"]?["groq"]?["apiKey"] == "(secret)")
        #expect(configuration["models"]?["providers"]?["mistral"]?["apiKey"] == "(reference: exec)")
        #expect(configuration["agents"]?["defaults"]?["model"] == "openai/gpt-5.5")
        #expect(texts["models-status.json"]?.contains("\"resolvedDefault\": \"openai/gpt-5.5\"") == true)
        #expect(texts["problems.json"]?.contains("unknown_key") == true)
        #expect(texts["models-status.json"]?.contains("\"profileId\": \"<profile-") == true)
        #expect(texts["models-status.json"]?.contains("\"provider\": \"anthropic\"") == true)
        #expect(texts["log.json"]?.contains("no record of a gateway") == true)
        #expect(texts["log.json"]?.contains("pre-warmed") == true)
        #expect(texts["log.json"]?.contains("planted after") == true)
        #expect(texts["state.json"]?.contains("agents/<agent-") == true)
        #expect(texts["health.json"]?.contains("providerAuth") == true)
    }

    /// What is around the first find, for the message.
    private static func around(_ text: String) -> String {
        guard let range = text.firstRange(of: sign) else { return "" }
        let start = text.index(range.lowerBound, offsetBy: -80, limitedBy: text.startIndex) ?? text.startIndex
        return String(text[start...].prefix(140))
    }

    /// Makes a bundle, unpacks it with the machine's `tar`, and returns its files by their names.
    private static func bundle(_ installation: Installation, _ file: String) async throws -> [String: String] {
        let result = try await installation.alula("doctor", "--bundle", file)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!(result.output + result.errors).contains(sign), "\(result.output)\(result.errors)")
        let path = "\(installation.home)/\(file)"
        let unpacked = "\(path).d"
        let script = """
            set -e
            test "$(stat -c %a '\(path)')" = 600
            mkdir '\(unpacked)'; tar -xf '\(path)' -C '\(unpacked)'; cd '\(unpacked)'/*
            ls; ls -d '\(unpacked)'/*
            """
        let listing = try await installation.run(
            ChildCommand(
                executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"]), input: "")
        #expect(listing.status == 0, "\(listing.errors)")
        var lines = listing.output.split(separator: "\n").map(String.init)
        let last = lines.popLast()
        let directory = try #require(last)
        #expect(!directory.dropFirst(installation.home.count).contains(sign))
        return Dictionary(uniqueKeysWithValues: lines.map { ($0, installation.read("\(directory)/\($0)")) })
    }

    // MARK: Planting

    private static func installation() throws -> Installation {
        try Installation(variables: [
            "OPENAI_API_KEY": "CANARY-env-key", "MY_SERVICE_TOKEN": "CANARY-env-token", "HARMLESS": "CANARY-env-plain",
            "DATABASE_PASSWORD": "CANARY-env-password",
        ])
    }

    private static func plant(in installation: Installation) throws {
        let state = installation.state
        try installation.write(
            "openclaw.json",
            """
            // A comment with CANARY-comment-1
            {/* and CANARY-comment-2 */ 'CANARY-key-root': true, unknownThing: {'CANARY-key-deep': 'CANARY-deep', pin: 1},
             logging: {level: 'trace', redactPatterns: ['CANARY-pattern']}, ui: {note: 'once CANARY-config'},
             gateway: {port: 'CANARY-port', publicOrigin: 'https://u:CANARY-url-password@h.example/CANARY-url-path'},
             agents: {entries: {'CANARY-agent': {name: 'CANARY-agent-name', model: 'openai/gpt-5.5@openai:CANARY-pin'}, main: {default: true}},
               defaults: {model: 'openai/gpt-5.5', models: {'openai/gpt-5.5': {alias: 'CANARY-alias'}}}},
             env: {vars: {'CANARY_VARIABLE': 'CANARY-variable'}},
             auth: {profiles: {'openai:CANARY-profile': {provider: 'openai', mode: 'oauth', email: 'CANARY@example.com'}},
               order: {openai: ['openai:CANARY-profile']}},
             secrets: {providers: {
               'CANARY-alias-helper': {source: 'exec', command: '\(state)/helper.sh', args: ['--token', 'CANARY-argument', 'CANARY-argument-2'], env: {T: 'CANARY-helper-env'}},
               vault: {source: 'exec', command: '\(state)/helper.sh', args: ['CANARY-argument-3']},
               disk: {source: 'file', path: '\(state)/CANARY-secrets.json'}}},
             models: {providers: {
               'CANARY-provider': {baseUrl: 'https://me:CANARY-url@CANARY-host.example/CANARY-path?key=CANARY-query', apiKey: '${CANARY_UNSET}', models: [{id: 'CANARY-model'}]},
               groq: {baseUrl: 'https://x.example/v1', apiKey: 'CANARY-api-key', headers: {'X-CANARY': 'CANARY-header'}, params: {x: 'CANARY-param', extra_body: {y: 'CANARY-member'}}, models: [],
                 request: {auth: {mode: 'authorization-bearer', token: 'CANARY-token'}, proxy: {mode: 'explicit-proxy', url: 'http://CANARY-proxy:1'}}},
               mistral: {baseUrl: 'https://y.example/v1', apiKey: {source: 'exec', provider: 'vault', id: 'CANARY-id'}, models: []},
               deepseek: {baseUrl: 'https://z.example/v1', apiKey: {source: 'file', provider: 'disk', id: '/CANARY'}, models: []}}}}
            """)
        try installation.write(
            "helper.sh",
            """
            #!/bin/sh
            cat >/dev/null
            echo ran > '\(state)/helper-ran'
            echo '{"protocolVersion":1,"values":{"CANARY-id":"CANARY-helper"}}'

            """, mode: 0o700)
        try installation.write("CANARY-secrets.json", "{\"CANARY\":\"CANARY-file\"}")
        try installation.write(".env", "XAI_API_KEY=CANARY-dotenv\n")
        try installation.write("notes.CANARY-ending", "CANARY-notes")
        try installation.write("CANARY-directory/sk-CANARY.txt", "CANARY")
        try installation.write("openclaw.json.CANARY-backup", "CANARY")
        for agent in ["main", "CANARY-agent"] {
            try installation.write(
                "agents/\(agent)/agent/auth-profiles.json",
                """
                {"version":1,"profiles":{
                  "anthropic:CANARY-stored":{"type":"api_key","provider":"anthropic","key":"CANARY-store-key"},
                  "CANARY":{"type":"token","provider":"github-copilot","token":"CANARY-store-token","displayName":"CANARY-person"},
                  "chutes:CANARY-o":{"type":"oauth","provider":"chutes","access":"CANARY-access","email":"CANARY@example.com",
                    "refresh":"CANARY-refresh","expires":1000}}}
                """)
        }
        try installation.write(
            "devices/paired.json",
            #"{"CANARY-device":{"publicKey":"CANARY","roles":["node"],"tokens":{"node":{"token":"CANARY-device"}}}}"#)
        try installation.write(
            "\(installation.home)/.codex/auth.json",
            #"{"tokens":{"access_token":"CANARY-codex","refresh_token":"CANARY-codex"}}"#)
    }

    /// Adds lines to the log: foreign ones, and records that repeat secrets in sentences and fields.
    private static func plantLog(in installation: Installation) async throws {
        let meta = ##""_meta":{"date":"2026-11-27T17:00:00.000Z","logLevelName":"INFO"}"##
        let lines = [
            "CANARY-foreign-line", ##"{"1":"CANARY-json-of-others"}"##,
            ##"{"1":"it said token=CANARY-log-token and Bearer CANARY-log-0123456789",\##(meta)}"##,
            ##"{"1":"repeats CANARY-api-key and CANARY-argument and CANARY-env-key and CANARY-config",\##(meta)}"##,
            ##"{"1":"a call to https://me:CANARY-url@CANARY-host.example/x",\##(meta)}"##,
            ##"{"1":"profile chosen","2":{"profileId":"openai:CANARY-gone","apiKey":"CANARY-field","url":"https://a:CANARY-w@h/"},\##(meta)}"##,
            ##"{"1":"planted after anthropic:CANARY-stored of CANARY-agent",\##(meta)}"##,
        ]
        let result = try await installation.run(
            ChildCommand(
                executable: "/bin/sh",
                arguments: [
                    "-c", "set -e; cd '\(installation.home)/logs'; set -- *.log; test -f \"$1\"; cat >> \"$1\"",
                ],
                environment: ["PATH": "/usr/bin:/bin"]), input: lines.joined(separator: "\n") + "\n")
        #expect(result.status == 0, "\(result.errors)")
    }
}
