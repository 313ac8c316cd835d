import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct ConfigurationViewTests {
    private let hidden = JSONValue.string(ConfigurationView.placeholder)

    @Test func hidesEverySecretAndShowsTheRest() throws {
        let canary = "fake-canary"
        let text = """
            {models: {providers: {'my-token-host': {baseUrl: 'https://user:\(canary)@h.test/v1?api_key=\(canary)&x=1', apiKey: '\(canary)', headers: {'X-Any': '\(canary)', N: 7}, auth: 'token',
                request: {headers: {a: '\(canary)'}, auth: {mode: 'header', value: '\(canary)'}, tls: {key: '\(canary)', cert: 'public'}}, models: [{id: 'm', maxTokens: 5, contextTokens: 6, headers: {h: '\(canary)'}, compat: {maxTokensField: 'max_tokens'}}]},
                b: {apiKey: 12345}}},
             gateway: {auth: {mode: 'token', token: '\(canary)', password: '\(canary)'}, remote: {token: '\(canary)', url: 'wss://h.test'}},
             env: {vars: {ANY_NAME: '\(canary)'}, BARE: '\(canary)', shellEnv: {enabled: true, timeoutMs: 5}},
             secrets: {defaults: {env: 'default'}, providers: {'secret-vault': {source: 'exec', command: '/bin/x', env: {PLAIN: '\(canary)'}, passEnv: ['HOME']}}},
             auth: {profiles: {'openai:token': {provider: 'openai', mode: 'token'}}, order: {secret: ['openai:token']}},
             channels: {telegram: {botToken: '\(canary)', name: 'bot', accounts: {token: {webhookSecret: ['\(canary)'], nested: {apiKey: {deep: '\(canary)'}}}}}, irc: {nickserv: {password: '\(canary)'}}},
             mcp: {servers: {x: {env: {GITHUB: '\(canary)'}, command: 'npx'}}}, hooks: {token: '\(canary)', path: '/hooks'}, tools: {web: {search: {apiKey: '\(canary)'}}}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(!loaded.view.value.text().contains(canary))
        #expect(!loaded.problems.map(\.description).joined().contains(canary))
        let view = loaded.view
        #expect(view.value(at: "models.providers.my-token-host.apiKey") == hidden)
        #expect(
            view.value(at: "models.providers.my-token-host.baseUrl")
                == "https://__OPENCLAW_REDACTED__@h.test/v1?api_key=__OPENCLAW_REDACTED__&x=1")
        #expect(view.value(at: "models.providers.my-token-host.auth") == "token")
        #expect(
            view.value(at: "models.providers.my-token-host.models[0]") == [
                "id": "m", "maxTokens": 5, "contextTokens": 6, "headers": ["h": hidden],
                "compat": ["maxTokensField": "max_tokens"],
            ])
        #expect(view.value(at: "models.providers.my-token-host.request.tls.cert") == hidden)
        #expect(view.value(at: "models.providers.b.apiKey") == hidden)
        #expect(view.value(at: "gateway.auth") == ["mode": "token", "token": hidden, "password": hidden])
        #expect(view.value(at: "gateway.remote.url") == "wss://h.test")
        #expect(
            view.value(at: "env") == [
                "vars": ["ANY_NAME": hidden], "BARE": hidden, "shellEnv": ["enabled": true, "timeoutMs": 5],
            ])
        #expect(view.value(at: "secrets.defaults.env") == "default")
        #expect(
            view.value(at: "secrets.providers.secret-vault") == [
                "source": "exec", "command": "/bin/x", "env": ["PLAIN": hidden], "passEnv": ["HOME"],
            ])
        #expect(view.value(at: "auth.profiles[\"openai:token\"].mode") == "token")
        #expect(view.value(at: "auth.order.secret[0]") == "openai:token")
        #expect(view.value(at: "channels.telegram.name") == "bot")
        #expect(view.value(at: "mcp.servers.x.command") == "npx")
        #expect(view.value(at: "hooks.path") == "/hooks")
        #expect(view.value(at: "nowhere") == nil)
    }

    @Test func showsPointersAndTextsAsTheyWereWritten() throws {
        let text = """
            {models: {providers: {a: {apiKey: '${A_KEY}', baseUrl: 'https://${HOST}/v1', headers: {x: {source: 'exec', provider: 'v', id: 'k'}, y: 'Bearer ${A_KEY}'}}}}, gateway: {auth: {token: '$${A_KEY}'}}}
            """
        let view = try MemoryFiles(main: text).loaded(environment: ["A_KEY": "fake-canary", "HOST": "fake-canary.test"])
            .view
        #expect(
            view.value(at: "models.providers.a") == [
                "apiKey": "${A_KEY}", "baseUrl": "https://${HOST}/v1",
                "headers": ["x": ["source": "exec", "provider": "v", "id": "k"], "y": hidden],
            ])
        #expect(view.value(at: "gateway.auth.token") == hidden)
        #expect(!view.value.text().contains("canary"))
    }

    @Test(
        arguments: [
            ("plain", "plain"), ("a@b", "a@b"), ("http://h", "http://h"), ("http://h/a@b", "http://h/a@b"),
            ("ws://u@h:1", "ws://__OPENCLAW_REDACTED__@h:1"), ("x://h?token=1", "x://h?token=__OPENCLAW_REDACTED__"),
            ("x://h?a&b=", "x://h?a&b="), ("://", "://"), ("x://h?key=1#f", "x://h?key=__OPENCLAW_REDACTED__"),
        ])
    func hidesWhatURLsCarry(text: String, expected: String) {
        #expect(URLText.withoutCredentials(text) == expected)
    }
}
