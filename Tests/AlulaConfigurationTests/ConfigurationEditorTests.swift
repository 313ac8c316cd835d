import AlulaJSON
import Testing

@testable import AlulaConfiguration

struct ConfigurationEditorTests {
    private static let path = MemoryFiles.mainPath

    private static func editor(
        _ files: [String: String], environment: [String: String] = [:]
    ) -> ConfigurationEditor {
        ConfigurationEditor(
            path: path,
            readFile: { (path, _) throws(ConfigurationError) in
                files[path].map { ConfigurationFile(bytes: Array($0.utf8), realPath: path) }
            }, environment: environment)
    }

    /// The files that change, as text.
    private static func apply(
        _ request: ConfigurationEditor.Request, to files: [String: String], environment: [String: String] = [:]
    ) throws -> [String: String] {
        let editor = editor(files, environment: environment)
        let outcome = try editor.apply(request, to: editor.snapshot())
        return Dictionary(
            uniqueKeysWithValues: outcome.changes.map { ($0.path, String(decoding: $0.after, as: UTF8.self)) })
    }

    private static func refusal(
        _ request: ConfigurationEditor.Request, of files: [String: String]
    ) -> ConfigurationEditError? {
        do {
            _ = try apply(request, to: files)
            return nil
        } catch {
            return error as? ConfigurationEditError
        }
    }

    private static let main = """
        // mine
        {
          gateway: { port: 0x4965, auth: { token: "fake-token-0001" } }, // hex
          models: { providers: { acme: { baseUrl: "https://acme.test/v1", apiKey: "${ACME_KEY}", headers: {} } } },
          extra: { unknown: 1.50, },
        }
        """

    @Test func patchesOneValueAndNothingElse() throws {
        let files = try Self.apply(
            .patch(["gateway": ["bind": "lan"]], replacing: []), to: [Self.path: Self.main])
        let wanted = Self.main.replacing(
            #"auth: { token: "fake-token-0001" } }"#, #"auth: { token: "fake-token-0001" }, bind: "lan" }"#)
        #expect(files == [Self.path: wanted])
    }

    @Test func takesWhatWasShownForUnchanged() throws {
        let editor = Self.editor([Self.path: Self.main], environment: ["ACME_KEY": "fake-acme-key"])
        let snapshot = editor.snapshot()
        guard case .loaded(let loaded) = snapshot.outcome else { return #expect(Bool(false)) }
        for shown in [loaded.view.value, snapshot.shown.document, loaded.resolved] {
            #expect(try editor.apply(.patch(shown, replacing: []), to: snapshot).changes.isEmpty)
            #expect(try editor.apply(.text(shown.serialized()), to: snapshot).changes.isEmpty)
        }
        let raw = try #require(snapshot.shown.text)
        #expect(try editor.apply(.text(Array(raw.utf8)), to: snapshot).changes.isEmpty)
        #expect(!raw.contains("fake-token-0001") && raw.contains("${ACME_KEY}") && raw.contains("0x4965"))
    }

    @Test func keepsCommentsWhenAFormSendsItsValues() throws {
        let editor = Self.editor([Self.path: Self.main])
        var object = editor.snapshot().shown.document.object ?? JSONObject()
        object["logging"] = ["level": "debug"]
        let outcome = try editor.apply(.text(JSONValue.object(object).serialized()), to: editor.snapshot())
        let text = String(decoding: outcome.changes.first?.after ?? [], as: UTF8.self)
        #expect(text.hasPrefix("// mine") && text.contains("// hex") && text.contains("1.50"))
        #expect(text.contains("fake-token-0001") && text.contains("debug"))
    }

    @Test func refusesMarkersThatStandForNothing() {
        let patch: JSONValue = ["hooks": ["token": .string(ConfigurationView.placeholder)]]
        #expect(Self.refusal(.patch(patch, replacing: []), of: [Self.path: Self.main])?.code == .unrestorable)
        let text = "{ hooks: { token: '\(ConfigurationView.placeholder)' } } // own"
        #expect(Self.refusal(.text(Array(text.utf8)), of: [Self.path: Self.main])?.code == .unrestorable)
    }

    @Test func refusesNewMistakesAndLivesWithOldOnes() throws {
        let broken = "{ gateway: { port: 'x' }, logging: {} }"
        let error = Self.refusal(.patch(["gateway": ["bind": "moon"]], replacing: []), of: [Self.path: broken])
        #expect(error?.code == .invalid)
        #expect(error?.problems.map { "\($0.path)" } == ["gateway.bind"])
        let files = try Self.apply(.patch(["logging": ["level": "debug"]], replacing: []), to: [Self.path: broken])
        #expect(files[Self.path] == #"{ gateway: { port: 'x' }, logging: { level: "debug" } }"#)
    }

    @Test func makesAFileThatIsNotThere() throws {
        let files = try Self.apply(.edits([("gateway.mode", "local")]), to: [:])
        #expect(files == [Self.path: "{\n  \"gateway\": {\n    \"mode\": \"local\"\n  }\n}\n"])
        let blank = try Self.apply(.edits([("gateway.mode", "local")]), to: [Self.path: "// only words"])
        #expect(blank[Self.path]?.hasPrefix("// only words\n{\n") == true)
    }

    @Test func mergesListsById() throws {
        let text = "{ agents: { list: [ { id: 'a', name: 'A' }, /* b */ { id: 'b', name: 'B' } ] } }"
        let patch: JSONValue = ["agents": ["list": [["id": "b", "name": "Bee"], ["id": "c"]]]]
        let files = try Self.apply(.patch(patch, replacing: []), to: [Self.path: text])
        #expect(
            files[Self.path]
                == #"{ agents: { list: [ { id: 'a', name: 'A' }, /* b */ { id: 'b', name: 'Bee' }, { id: "c" } ] } }"#)
    }

    @Test func dropsEntriesOnlyWhenToldTo() throws {
        let text = "{ gateway: { trustedProxies: ['10.0.0.1', '10.0.0.2'] } }"
        let patch: JSONValue = ["gateway": ["trustedProxies": ["10.0.0.2"]]]
        #expect(Self.refusal(.patch(patch, replacing: []), of: [Self.path: text])?.code == .dropsEntries)
        let files = try Self.apply(
            .patch(patch, replacing: ["gateway.trustedProxies"]), to: [Self.path: text])
        #expect(files[Self.path] == "{ gateway: { trustedProxies: ['10.0.0.2'] } }")
    }

    // MARK: Includes

    private static let tree = [
        path: "{ gateway: { $include: './gateway.json5' }, agents: { $include: ['a.json5'], ownership: 'x' } }",
        "/state/gateway.json5": "{\n  port: 1234, // here\n}\n", "/state/a.json5": "{ defaults: { workspace: '~/w' } }",
    ]

    @Test func writesThroughToTheFileOfASection() throws {
        let files = try Self.apply(
            .patch(["gateway": ["port": 4321, "bind": "lan"]], replacing: []), to: Self.tree)
        #expect(files == ["/state/gateway.json5": "{\n  port: 4321, // here\n  bind: \"lan\",\n}\n"])
    }

    @Test func refusesWhatWouldFlattenIncludes() {
        let patch: JSONValue = ["agents": ["defaults": ["workspace": "~/other"]]]
        #expect(Self.refusal(.patch(patch, replacing: []), of: Self.tree)?.code == .included)
        #expect(Self.refusal(.edits([("agents.defaults", nil)]), of: Self.tree)?.code == .included)
    }

    @Test func changesKeysBesideAnInclude() throws {
        let files = try Self.apply(.edits([("agents.ownership", "y")]), to: Self.tree)
        #expect(files[Self.path]?.contains("ownership: 'y'") == true && files.count == 1)
    }

    @Test func keepsIncludesWhenAFormSendsThemMerged() throws {
        let editor = Self.editor(Self.tree)
        guard case .loaded(let loaded) = editor.snapshot().outcome else { return #expect(Bool(false)) }
        #expect(try editor.apply(.text(loaded.view.value.serialized()), to: editor.snapshot()).changes.isEmpty)
    }

    @Test func refusesAFileThatIsIncludedTwice() {
        let files = [
            Self.path: "{ gateway: { $include: 'x.json5' }, logging: { $include: 'x.json5' } }",
            "/state/x.json5": "{}",
        ]
        #expect(Self.refusal(.edits([("gateway.port", 1234)]), of: files)?.code == .included)
    }

    // MARK: Secrets

    @Test func hidesSecretsInCommentsOfTheText() throws {
        let text = """
            {
              // token: "fake-old-token"
              gateway: { auth: { token: 'fake-token-0001' } }, // was fake-token-0001
              /* apiKey = fake-key */
            }
            """
        let editor = Self.editor([Self.path: text])
        let shown = try #require(editor.snapshot().shown.text)
        for secret in ["fake-old-token", "fake-token-0001", "fake-key"] { #expect(!shown.contains(secret)) }
        #expect(try editor.apply(.text(Array(shown.utf8)), to: editor.snapshot()).changes.isEmpty)
        let edited = shown.replacing("gateway", "gateway /* new */")
        let outcome = try editor.apply(.text(Array(edited.utf8)), to: editor.snapshot())
        #expect(
            outcome.changes.map { String(decoding: $0.after, as: UTF8.self) }
                == [text.replacing("gateway", "gateway /* new */")])
    }

    @Test func restoresSecretsOfEntriesThatMoved() throws {
        let text = "{ list: [ { id: 'a', token: 'fake-a' }, { id: 'b', token: 'fake-b' } ] } // own"
        let marker = ConfigurationView.placeholder
        let new = "{ list: [ { id: 'b', token: '\(marker)' } ] } // own"
        let files = try Self.apply(.text(Array(new.utf8)), to: [Self.path: text])
        #expect(files[Self.path] == "{ list: [ { id: 'b', token: 'fake-b' } ] } // own")
    }
}

extension String {
    /// This text with the first `part` replaced.
    fileprivate func replacing(_ part: String, _ other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
