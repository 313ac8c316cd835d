package import AlulaJSON

extension Fleet {
    /// Providers that agents' own profiles are for, in turn.
    private static let providers = [
        "anthropic", "openai", "openrouter", "mistral", "deepseek", "xai", "together", "cerebras", "moonshot",
        "fireworks",
    ]

    /// 2033-05-18, a fixed time in the future for logins and windows that hold.
    private static let later: Int64 = 2_000_000_000_000
    /// 2020-09-13, a fixed time in the past for those that have ended.
    private static let earlier: Int64 = 1_600_000_000_000

    /// Providers of the keys in the store of the agent at `index`, the helper's aside.
    package func providers(of index: Int) -> [String] {
        var steps = [0]
        if index % 2 == 0 { steps.append(1) }
        if index % 3 == 0, !(fault == .helper && index < Self.agentsWithHelper) { steps.append(2) }
        return steps.map { Self.providers[(index + $0 * 3) % Self.providers.count] }
    }

    /// `openclaw.json`.
    package func configurationDocument() -> JSONValue {
        let entries = agents.enumerated().map { index, agent -> JSONValue in
            var entry = JSONObject([("id", .string(agent))])
            if index == 0 { entry["default"] = true }
            if index % 3 == 1 { entry["model"] = "anthropic/claude-opus-4-6" }
            return .object(entry)
        }
        var secretProviders = JSONObject()
        secretProviders["vault"] = ["source": "file", "path": .string(secretsFile), "mode": "json"]
        if fault == .helper {
            secretProviders["keyring"] = ["source": "exec", "command": .string(helper), "timeoutMs": 5000]
        }
        return [
            "gateway": [
                "mode": "local", "port": .number(port), "bind": "loopback",
                "auth": ["mode": "token", "token": .string(Self.token)],
            ],
            "agents": ["defaults": ["model": "openai/gpt-5.5"], "list": .array(entries)],
            "models": [
                "providers": [
                    "house": [
                        "baseUrl": "https://models.example.test/v1", "api": "openai-completions",
                        "apiKey": "fake-benchmark-key", "models": [["id": "house-large", "name": "House Large"]],
                    ]
                ]
            ],
            "auth": ["order": ["openai": ["openai:work", "openai:default"]]],
            "secrets": ["providers": .object(secretProviders)],
        ]
    }

    /// `auth-profiles.json` of the agent at `index`: three to five profiles of all kinds.
    package func storeDocument(_ index: Int) -> JSONValue {
        var profiles = JSONObject()
        func provider(_ step: Int) -> String { Self.providers[(index + step * 3) % Self.providers.count] }
        func add(_ id: String, _ credential: JSONValue) { profiles[id] = credential }
        add(
            "\(provider(0)):default",
            ["type": "api_key", "provider": .string(provider(0)), "key": .string("sk-fake-\(index)-benchmark")])
        add(
            "openai:work",
            [
                "type": "oauth", "provider": "openai", "access": .string("fake-access-\(index)"),
                "refresh": .string("fake-refresh-\(index)"), "accountId": .string("account-\(index)"),
                "expires": .number(index % 7 == 3 ? Self.earlier : Self.later),
            ])
        add(
            "github-copilot:default",
            [
                "type": "token", "provider": "github-copilot", "token": .string("ghu-fake-\(index)"),
                "expires": .number(Self.later),
            ])
        if index % 2 == 0 {
            add(
                "\(provider(1)):vault",
                [
                    "type": "api_key", "provider": .string(provider(1)),
                    "keyRef": ["source": "file", "provider": "vault", "id": "/team/key"],
                ])
        }
        if fault == .helper, index < Self.agentsWithHelper {
            add(
                "zai:keyring",
                [
                    "type": "api_key", "provider": "zai",
                    "keyRef": ["source": "exec", "provider": "keyring", "id": .string("zai/key-\(index)")],
                ])
        } else if index % 3 == 0 {
            add(
                "\(provider(2)):env",
                [
                    "type": "api_key", "provider": .string(provider(2)),
                    "keyRef": ["source": "env", "provider": "default", "id": "GROQ_API_KEY"],
                ])
        }
        return ["version": 1, "profiles": .object(profiles)]
    }

    /// `auth-state.json` of the agent at `index`: some windows that hold, some that have ended.
    package func usageDocument(_ index: Int) -> JSONValue {
        var usage = JSONObject()
        usage["openai:work"] = ["lastUsed": .number(Self.earlier), "errorCount": 0]
        if index % 5 == 0 {
            usage["github-copilot:default"] = [
                "cooldownUntil": .number(Self.later), "cooldownReason": "rate_limit", "errorCount": 2,
                "failureCounts": ["rate_limit": 2], "lastFailureAt": .number(Self.earlier),
            ]
        } else if index % 5 == 1 {
            usage["openai:work"] = [
                "disabledUntil": .number(Self.earlier), "disabledReason": "billing", "errorCount": 1,
                "failureCounts": ["billing": 1], "lastFailureAt": .number(Self.earlier),
            ]
        }
        return ["version": 1, "lastGood": ["openai": "openai:work"], "usageStats": .object(usage)]
    }

    /// The files in the home directory that other tools keep their logins in, by path under it.
    package static let logins: [(path: String, text: String)] = [
        (
            ".codex/auth.json",
            #"{"tokens":{"access_token":"fake-access","refresh_token":"fake-refresh","account_id":"account-codex"}}"#
        ),
        (
            ".claude/.credentials.json",
            #"{"claudeAiOauth":{"accessToken":"fake-access","refreshToken":"fake-refresh","expiresAt":2000000000000}}"#
        ),
        (
            ".minimax/oauth_creds.json",
            #"{"access_token":"fake-access","refresh_token":"fake-refresh","expiry_date":2000000000000}"#
        ),
        (
            ".gemini/oauth_creds.json",
            #"{"access_token":"fake-access","refresh_token":"fake-refresh","expiry_date":2000000000000}"#
        ),
        (
            ".config/gcloud/application_default_credentials.json",
            #"{"type":"authorized_user","client_id":"fake","client_secret":"fake","refresh_token":"fake"}"#
        ),
        (".aws/credentials", "[default]\naws_access_key_id = FAKE\naws_secret_access_key = fake\n"),
        (".config/gh/hosts.yml", "github.com:\n    user: nobody\n    oauth_token: gho-fake\n"),
    ]
}
