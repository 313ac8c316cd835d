import AlulaJSON
import Testing

@testable import AlulaConfiguration

/// Plants a secret wherever the decoders read one, and looks for it in everything that is shown.
struct RedactionTests {
    private static let canary = "fake-canary-5e1f"
    private static let names = ConfigurationSchema.current.secretPlaces.map(\.name)

    @Test func theDecodersReadSecretsInThesePlaces() {
        #expect(Set(Self.names).isSuperset(of: ["gateway.auth.token", "gateway.auth.password"]))
        #expect(Set(Self.names).isSuperset(of: ["models.providers.*.apiKey", "models.providers.*.headers.*"]))
        let request = [
            "headers.*", "auth.token", "auth.value", "proxy.url", "tls.ca", "tls.cert", "tls.key", "tls.passphrase",
        ]
        #expect(Set(Self.names).isSuperset(of: request.map { "models.providers.*.request." + $0 }))
        #expect(Set(Self.names).isSuperset(of: ["env.*", "env.vars.*", "secrets.providers.*.env.*"]))
        #expect(Self.names.count > 12)
    }

    @Test(arguments: names)
    func aSecretIsShownNowhere(name: String) throws {
        let place = try #require(ConfigurationSchema.current.secretPlaces.first { $0.name == name })
        let secrets: [JSONValue] = [
            .string(Self.canary), ["source": "env", "id": .string(Self.canary)], [.string(Self.canary)],
            ["deep": ["er": .string(Self.canary)]],
        ]
        for secret in secrets {
            var document = Self.document(with: secret, at: place)
            // Also where nothing sounds like a secret.
            document["agents"] = [
                "defaults": ["workspace": .string("/home/\(Self.canary)"), "model": .string(Self.canary)],
                "list": [["id": "main", "name": .string("I am \(Self.canary)."), "zzUnknown": [.string(Self.canary)]]],
            ]
            let text = "// once it was \(Self.canary)\n" + JSONValue.object(document).text(.pretty)
            let snapshot = Self.editor(of: [MemoryFiles.mainPath: text]).snapshot()
            let shown = snapshot.shown
            for (part, text) in [
                ("raw", shown.text ?? ""), ("parsed", shown.document.text()), ("resolved", shown.resolved.text()),
                ("issues", snapshot.outcome.problems.map(\.description).joined()),
                ("secrets", "\(shown.secrets) \(String(reflecting: shown.secrets))"),
            ] {
                #expect(!text.contains(Self.canary), "\(part) of \(secret.text())")
            }
            #expect(shown.text?.contains(ConfigurationView.placeholder) ?? false)
        }
    }

    /// By what is read there, not by its name.
    @Test func hidesWhatIsReadAsASecretWhateverItsKeyIsCalled() {
        let recorder = SchemaRecorder()
        recorder.note(.secretText, at: "plain.words")
        recorder.note(.map, at: "plain.names")
        recorder.note(.secret, at: "plain.names.*")
        recorder.note(.text, at: "plain.names.title")
        recorder.note(.list, at: "rows")
        recorder.note(.secret, at: "rows[0].value")
        let node = ConfigurationNode(showing: [
            "plain": [
                "words": "fake-one", "other": "seen", "names": ["a": "fake-two", "b": 77, "title": "seen"],
            ],
            "rows": [["value": "fake-three", "note": "not fake-three"], ["value": ["source": "env", "id": "KEY"]]],
        ])
        let hidden = JSONValue.string(ConfigurationView.placeholder)
        let shape = SecretShape(recorder.root.place(""))
        #expect(
            ConfigurationView(node, shape: shape).value == [
                "plain": ["words": hidden, "other": "seen", "names": ["a": hidden, "b": hidden, "title": "seen"]],
                "rows": [
                    ["value": hidden, "note": .string("not " + ConfigurationView.placeholder)],
                    ["value": ["source": "env", "id": "KEY"]],
                ],
            ])
    }

    @Test func aSecretFromElsewhereIsHiddenInTheText() throws {
        let texts = [
            MemoryFiles.mainPath: """
            // Bearer fake-variable and fake-included
            {$include: './more.json5', models: {providers: {p: {baseUrl: 'http://h.test', headers: {a: 'Bearer ${A_KEY}'}}}}}
            """,
            "/state/more.json5": "{gateway: {auth: {token: 'fake-included'}}}",
        ]
        let shown = Self.editor(of: texts, environment: ["A_KEY": "fake-variable"]).snapshot().shown
        #expect(shown.text?.contains("fake-") == false)
        #expect(shown.text?.contains("./more.json5") == true)
        #expect(!shown.resolved.text().contains("fake-"))
    }

    @Test func aRepeatedSecretComesBackUnchanged() throws {
        let text = """
            {
              // the token is fake-token-1
              gateway: {auth: {mode: 'password', password: 'password'}, publicOrigin: 'https://h/fake-token-1'},
              env: {T: 'fake-token-1', N: 1234567},
            }
            """
        let editor = Self.editor(of: [MemoryFiles.mainPath: text])
        let snapshot = editor.snapshot()
        let shown = snapshot.shown
        // A word that anybody can read in the schema stays.
        #expect(shown.resolved.value(at: "gateway.auth.mode") == "password")
        #expect(shown.resolved.value(at: "gateway.publicOrigin") == "https://h/__OPENCLAW_REDACTED__")
        let raw = try #require(shown.text)
        #expect(!raw.contains("fake-token-1") && !raw.contains("1234567"))
        #expect(try editor.apply(.text(Array(raw.utf8)), to: snapshot).changes.isEmpty)
        #expect(try editor.apply(.patch(shown.resolved, replacing: []), to: snapshot).changes.isEmpty)
        let edited = raw.replacing("mode: 'password'", with: "mode: 'token'")
        let outcome = try editor.apply(.text(Array(edited.utf8)), to: snapshot)
        #expect(
            outcome.changes.map { String(decoding: $0.after, as: UTF8.self) } == [
                text.replacing("mode: 'password'", with: "mode: 'token'")
            ])
    }

    @Test(
        arguments: [
            (["fake-one"], "say fake-one, fake-one!", "say *, *!"),
            (["fake-one", "fake-one-more"], "fake-one-more", "*"),
            (["short"], "short", "short"), (["OPENAI_API_KEY"], "OPENAI_API_KEY", "OPENAI_API_KEY"),
            (["AKIAFAKEFAKE"], "AKIAFAKEFAKE", "*"), (["OPENCLAW"], "OPENCLAW", "OPENCLAW"),
            (["fäke-ünï"], "xfäke-ünïx", "x*x"),
            (["fake-one"], "fake-on", "fake-on"), ([], "anything", "anything"),
        ] as [([String], String, String)])
    func findsSecretsInTexts(secrets: [String], text: String, expected: String) {
        let found = KnownSecrets(Set(secrets)).hidden(in: text)
        #expect(found.replacing(ConfigurationView.placeholder, with: "*") == expected)
    }

    private static func editor(of files: [String: String], environment: [String: String] = [:]) -> ConfigurationEditor {
        ConfigurationEditor(
            path: MemoryFiles.mainPath,
            readFile: { (path, _) throws(ConfigurationError) in
                files[path].map { ConfigurationFile(bytes: Array($0.utf8), realPath: path) }
            }, environment: environment)
    }

    private static func document(with secret: JSONValue, at place: ConfigurationSchema.Place) -> JSONObject {
        var value = secret
        var around = place.name[...]
        for step in place.path.components.reversed() {
            if around.hasSuffix("[]") {
                value = [value]
                around = around.dropLast(2)
                continue
            }
            value = .object(JSONObject([(step.key == "*" ? "sample" : step.key, value)]))
            around = around[..<(around.lastIndex(of: ".") ?? around.startIndex)]
        }
        return value.object ?? JSONObject()
    }
}
