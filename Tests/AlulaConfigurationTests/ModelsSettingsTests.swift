import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct ModelsSettingsTests {
    @Test func readsEveryKeyOfAProvider() throws {
        let text = """
            {models: {mode: 'replace', pricing: {}, providers: {
              ' OpenAI ': {baseUrl: 'https://llm.example.test/v1', apiKey: 'fake-key', auth: 'api-key', api: 'openai-completions', headers: {'X-A': 'fake-a', 'X-B': {source: 'exec', provider: 'vault', id: 'a/b#c'}},
                authHeader: true, agentRuntime: {id: 'claude-cli'}, timeoutSeconds: 2.5, maxTokens: 99, injectNumCtxForOpenAICompat: true, request: {allowPrivateNetwork: true}, params: {a: 1},
                models: [{id: 'm1', name: 'One', api: 'openai-responses', reasoning: true, input: ['text', 'image'], contextWindow: 1000, contextTokens: 900, maxTokens: 100,
                  cost: {input: 1, output: 2.5, cacheRead: 0.1, cacheWrite: 0}, headers: {h: 'fake-h'}, compat: {supportsTools: false}}, {id: 'm2'}]},
            }}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(loaded.problems.isEmpty)
        let models = loaded.configuration.models
        #expect(models.mode == .replace)
        let provider = try #require(models["openai"])
        #expect(provider.baseURL == "https://llm.example.test/v1")
        #expect(provider.apiKey?.spelled == "fake-key")
        #expect(provider.auth == .apiKey)
        #expect(provider.headers.map(\.name) == ["X-A", "X-B"])
        #expect(provider.headers.map(\.value.spelled) == ["fake-a", "exec:vault:a/b#c"])
        #expect(provider.sendsAuthorizationHeader)
        #expect(provider.agentRuntime == "claude-cli")
        #expect(provider.timeout == .seconds(2.5))
        #expect(provider.maximumTokens == 99)
        #expect(provider.request.auth.secret == nil && provider.request.headers.isEmpty)
        #expect(provider.models.map(\.id) == ["m1", "m2"])
        let first = try #require(provider.models.first)
        #expect(first.reasons && first.contextTokens == 900 && first.input == ["text", "image"])
        #expect(first.cost?.output == 2.5 && first.cost?.cacheWrite == 0 && provider.models[1].cost == nil)
        #expect(provider.models[1].name == "m2")
        #expect(provider.models[1].input == nil)
    }

    @Test func aWrongEntryIsOffAndTheOthersStay() throws {
        let text = """
            {models: {providers: {
              good: {baseUrl: 'http://localhost:1/v1'}, url: {baseUrl: 'ftp://x'}, blank: {baseUrl: 'https://'}, key: {apiKey: 7}, auth: {auth: 'api_key'}, Good: {}, list: {models: 7},
              ref: {apiKey: {source: 'env', provider: 'default', id: 'lower'}}, extra: {apiKey: {source: 'env', id: 'A', x: 1}}, none: {apiKey: {id: 'A'}}, text: 'x', header: {headers: {a: 7}},
              models: {models: [{id: 'a'}, {name: 'no id'}, 'b', {id: 'c', maxTokens: 0}, {id: 'd'}]}, '': {},
            }}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(loaded.configuration.models.providers.map(\.id.rawValue) == ["good", "models"])
        #expect(
            loaded.configuration.models.invalidProviders == [
                "url", "blank", "key", "auth", "list", "ref", "extra", "none", "text", "header",
            ])
        #expect(loaded.configuration.models["models"]?.models.map(\.id) == ["a", "d"])
        #expect(loaded.findings.contains("warning duplicate_entry models.providers.Good"))
        #expect(
            loaded.problems.filter { $0.path.description.hasPrefix("models.providers.auth") }.first?.remedy
                == "Did you mean \"api-key\"?")
        #expect(
            loaded.problems.allSatisfy {
                $0.severity == .warning || $0.message.hasSuffix("is off.") || $0.message.hasSuffix("is left out.")
            })
    }

    @Test(
        arguments: [
            ("'${MY_KEY}'", "env:shared:MY_KEY"), ("'$MY_KEY'", "env:shared:MY_KEY"),
            ("'secretref-env:MY_KEY'", "env:shared:MY_KEY"), ("'__env__:MY_KEY'", "env:shared:MY_KEY"),
            ("{source: 'env', provider: 'other', id: 'MY_KEY'}", "env:other:MY_KEY"),
            ("{source: 'env', id: 'MY_KEY'}", "env:shared:MY_KEY"),
            ("{source: 'file', id: '/a/b'}", "file:default:/a/b"),
            ("{source: 'file', id: 'value'}", "file:default:value"),
            ("{source: 'exec', id: 'team/key'}", "exec:default:team/key"),
            ("{source: 'store', id: 'KEY'}", "store:default:KEY"),
            ("'MY_KEY'", "MY_KEY"), ("'$my_key'", "$my_key"), ("'ollama-local'", "ollama-local"),
            ("'secretref-managed'", "secretref-managed"), ("'openai:work'", "openai:work"),
        ])
    func readsEverySpellingOfASecret(text: String, expected: String) throws {
        let loaded = try MemoryFiles(
            main: "{secrets: {defaults: {env: 'shared'}}, models: {providers: {a: {apiKey: \(text)}}}}"
        ).loaded()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration.models["a"]?.apiKey?.spelled == expected)
    }

    @Test(arguments: [
        "{source: 'env', provider: 'UPPER', id: 'A'}", "{source: 'exec', provider: 'v', id: 'a/../b'}",
        "{source: 'exec', provider: 'v', id: ''}", "{source: 'file', provider: 'v', id: 'a'}",
        "{source: 'vault', provider: 'v', id: 'a'}", "{source: 'env', provider: 7, id: 'A'}", "{}", "[]", "true",
        "{source: 'exec', provider: 'v', id: '-a'}",
    ])
    func refusesBrokenReferences(text: String) throws {
        let loaded = try MemoryFiles(main: "{models: {providers: {a: {apiKey: \(text)}}}}").loaded()
        #expect(loaded.configuration.models.invalidProviders == ["a"])
    }

    @Test(.bug(id: "B55")) func aMisspeltKeyIsNeverPassedOverInSilence() throws {
        let loaded = try MemoryFiles(main: "{models: {providers: {a: {baseUrl: 'http://x', apikey: 'fake'}}}}").loaded()
        #expect(loaded.problems.map(\.remedy) == ["Did you mean \"apiKey\"?"])
        #expect(loaded.resolved.value(at: "models.providers.a.apikey") == "fake")
    }
}
