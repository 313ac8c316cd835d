import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct AuthSettingsTests {
    @Test func readsProfilesAndOrder() throws {
        let text = """
            {auth: {profiles: {'openai:work': {provider: 'OpenAI', mode: 'oauth', email: 'a@example.test', displayName: 'Work'}, 'aws:x': {provider: 'amazon-bedrock', mode: 'aws-sdk'},
              bad: {provider: 'x'}, worse: {mode: 'token'}, key: {provider: 'x', mode: 'api_key', key: 'fake'}}, order: {OpenAI: ['openai:work', 'openai:home'], anthropic: [], groq: null}}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        let auth = loaded.configuration.auth
        #expect(auth.profiles.map(\.id.rawValue) == ["openai:work", "aws:x", "key"])
        #expect(
            auth["openai:work"]
                == ConfiguredProfile(
                    id: "openai:work", provider: "openai", mode: .oauth, email: "a@example.test", displayName: "Work"))
        #expect(auth.order == ["openai": ["openai:work", "openai:home"], "anthropic": []])
        #expect(auth.order["groq"] == nil)
        #expect(
            loaded.findings == [
                "error missing_value auth.profiles.bad.mode", "error missing_value auth.profiles.worse.provider",
                "warning invalid_value auth.profiles.key.key",
            ])
    }

    @Test func cooldownsHaveTheirDefaults() {
        let cooldowns = CooldownSettings()
        #expect(cooldowns.billingBackoff == .seconds(18_000))
        #expect(cooldowns.maximumBillingBackoff == .seconds(86_400))
        #expect(cooldowns.refusalBackoff == .seconds(600))
        #expect(cooldowns.maximumRefusalBackoff == .seconds(3600))
        #expect(cooldowns.failureWindow == .seconds(86_400))
        #expect(
            cooldowns.overloadedRotations == 1 && cooldowns.rateLimitedRotations == 1
                && cooldowns.overloadedBackoff == .zero)
    }

    @Test func cooldownsAreReadAndChecked() throws {
        let text = """
            {auth: {cooldowns: {billingBackoffHours: 0.5, billingBackoffHoursByProvider: {OpenAI: 2, groq: 'x'}, billingMaxHours: -1, authPermanentBackoffMinutes: 1, authPermanentMaxMinutes: 2,
              failureWindowHours: 1e6, overloadedProfileRotations: 0, overloadedBackoffMs: 250, rateLimitedProfileRotations: 1.5}}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        let cooldowns = loaded.configuration.auth.cooldowns
        #expect(cooldowns.billingBackoff(for: "openai") == .seconds(7200))
        #expect(cooldowns.billingBackoff(for: "groq") == .seconds(1800))
        #expect(cooldowns.maximumBillingBackoff == .seconds(86_400))
        #expect(cooldowns.refusalBackoff == .seconds(60))
        #expect(cooldowns.maximumRefusalBackoff == .seconds(120))
        #expect(cooldowns.failureWindow == .seconds(86_400))
        #expect(cooldowns.overloadedRotations == 0)
        #expect(cooldowns.overloadedBackoff == .milliseconds(250))
        #expect(loaded.problems.filter { $0.severity == .error }.count == 4)
    }
}

struct SecretsSettingsTests {
    @Test func readsEveryKindOfProvider() throws {
        let text = """
            {secrets: {defaults: {env: 'safe', file: 'disk', exec: 'vault'}, resolution: {maxProviderConcurrency: 2, maxRefsPerProvider: 10, maxBatchBytes: 1000}, providers: {
              safe: {source: 'env', allowlist: ['A_KEY']}, disk: {source: 'file', path: '~/keys.json'}, one: {source: 'file', path: '/run/key', mode: 'singleValue', timeoutMs: 100, maxBytes: 10},
              vault: {source: 'exec', command: '/usr/bin/helper', args: ['-x'], timeoutMs: 7000, maxOutputBytes: 5, jsonOnly: false, env: {TOKEN: 'fake'}, passEnv: ['HOME'], trustedDirs: ['/usr/bin'],
                allowInsecurePath: true, allowSymlinkCommand: true}}}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        #expect(loaded.problems.isEmpty)
        let secrets = loaded.configuration.secrets
        #expect(
            secrets.maximumConcurrency == 2 && secrets.maximumReferencesPerProvider == 10
                && secrets.maximumBatch.bytes == 1000)
        guard case .environment(let names) = secrets.providers["safe"],
            case .file(let disk) = secrets.providers["disk"], case .file(let one) = secrets.providers["one"],
            case .helper(let vault) = secrets.providers["vault"]
        else {
            Issue.record("A provider is missing.")
            return
        }
        #expect(names == ["A_KEY"])
        #expect(disk.mode == .json && disk.timeout == .milliseconds(5000) && disk.maximumSize.bytes == 1 << 20)
        #expect(one.mode == .singleValue && one.timeout == .milliseconds(100) && one.maximumSize.bytes == 10)
        #expect(vault.silenceTimeout == .milliseconds(7000) && vault.arguments == ["-x"] && !vault.requiresJSON)
        #expect(
            vault.environment.map(\.value.exposed) == ["fake"] && vault.allowsInsecurePath && vault.allowsSymbolicLink)
        #expect(secrets.provider("vault", source: .helper) != nil)
        #expect(secrets.provider("vault", source: .file) == nil)
        #expect(secrets.provider("default", source: .environment) != nil)
        #expect(secrets.provider("nobody", source: .environment) == nil)
    }

    @Test(arguments: [
        "{source: 'file', path: 'relative'}", "{source: 'file'}", "{source: 'file', path: '/x', timeoutMs: 120001}",
        "{source: 'file', path: '/x', maxBytes: 20971521}", "{source: 'file', path: '/x', mode: 'yaml'}",
        "{source: 'exec', command: 'helper'}", "{source: 'exec'}", "{source: 'exec', command: '/x', timeoutMs: 0}",
        "{source: 'exec', command: '/x', trustedDirs: ['rel']}", "{source: 'env', allowlist: ['lower']}",
        "{source: 'store'}", "{source: 'vault'}", "{}", "7", "{source: 'exec', pluginIntegration: {}}",
        "{source: 'exec', command: '/x', env: {A: 7}}",
    ])
    func aWrongProviderIsOff(text: String) throws {
        let secrets = try MemoryFiles(main: "{secrets: {providers: {a: \(text), b: {source: 'env'}}}}").loaded()
            .configuration.secrets
        #expect(secrets.invalidProviders == ["a"])
        #expect(secrets.providers.keys.sorted() == ["b"])
    }

    @Test func aRefusedDefaultProviderDoesNotBecomeTheBuiltInOne() throws {
        let secrets = try MemoryFiles(main: "{secrets: {providers: {default: {source: 'env', allowlist: 7}}}}").loaded()
            .configuration.secrets
        #expect(secrets.provider("default", source: .environment) == nil)
    }
}

struct GatewaySettingsTests {
    @Test func readsEverySection() throws {
        let text = """
            {gateway: {mode: 'local', port: 19001, bind: 'custom', customBindHost: '10.0.0.1', publicOrigin: 'https://a.test', trustedProxies: ['10.0.0.2'], allowRealIpFallback: true,
              auth: {mode: 'token', token: 'fake', password: '${PW}', allowTailscale: true, rateLimit: {maxAttempts: 3, windowMs: 1000, lockoutMs: 2000, exemptLoopback: false}, trustedProxy: {userHeader: 'x-user', allowUsers: ['a']}},
              reload: {mode: 'off', debounceMs: 0, deferralTimeoutMs: 5}, controlUi: {enabled: false, basePath: '/x', allowedOrigins: ['https://b.test'], root: '/r'},
              http: {endpoints: {chatCompletions: {enabled: true, maxBodyBytes: 10}, responses: {enabled: true}}, securityHeaders: {strictTransportSecurity: false}}, tls: {enabled: true, certPath: '/c.pem', keyPath: '/k.pem', autoGenerate: false}, remote: {url: 'x'}, tailscale: {}}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        let gateway = loaded.configuration.gateway
        #expect(loaded.findings == [])
        #expect(
            gateway.mode == .local && gateway.port == 19001 && gateway.bind == .custom
                && gateway.customBindHost == "10.0.0.1" && gateway.tls.isEnabled)
        #expect(
            gateway.tls.certificatePath == "/c.pem" && gateway.tls.keyPath == "/k.pem"
                && !gateway.tls.generatesCertificate)
        #expect(
            gateway.auth.mode == .token && gateway.auth.token?.spelled == "fake"
                && gateway.auth.password?.spelled == "env:default:PW" && !gateway.auth.isInvalid)
        #expect(
            gateway.auth.maximumAttempts == 3 && gateway.auth.lockout == .seconds(2) && !gateway.auth.exemptsLoopback)
        #expect(gateway.reload.mode == .off && gateway.reload.debounce == .zero)
        #expect(!gateway.controlUI.isEnabled && gateway.controlUI.allowedOrigins == ["https://b.test"])
        #expect(
            gateway.http.offersChatCompletions && gateway.http.maximumChatCompletionsBody.bytes == 10
                && gateway.http.maximumResponsesBody.bytes == 20_000_000)
    }

    @Test(arguments: [
        "{auth: {mode: 'tokn', token: 'fake'}}", "{auth: {token: 'a', password: 'b'}}", "{auth: {token: 7}}",
        "{auth: 7}", "{auth: {mode: 'trusted-proxy'}}", "{auth: {token: {source: 'env', id: 'lower'}}}",
        "{auth: {trustedProxy: {userHeader: 'u', allowUsers: [7]}}}",
    ])
    func brokenProtectionIsNeverReadAsNone(text: String) throws {
        #expect(try MemoryFiles(main: "{gateway: \(text)}").loaded().configuration.gateway.auth.isInvalid)
    }

    @Test(arguments: [
        ("{bind: 'custom'}", "bind"), ("{bind: 'custom', customBindHost: 'localhost'}", "customBindHost"),
        ("{bind: 'custom', customBindHost: '1.2.3.400'}", "customBindHost"),
    ])
    func aBrokenBindFallsBackToLoopback(text: String, key: String) throws {
        let loaded = try MemoryFiles(main: "{gateway: \(text)}").loaded()
        #expect(loaded.configuration.gateway.bind == .loopback)
        #expect(loaded.problems.first?.path == ConfigurationPath(keys: "gateway", key))
    }

    @Test func anOpenDoorIsWarnedAbout() throws {
        let files = MemoryFiles(main: "{gateway: {bind: 'lan'}}")
        #expect(try files.loaded().findings == ["warning conflict gateway.bind"])
        #expect(try files.loaded(environment: ["OPENCLAW_GATEWAY_TOKEN": "fake"]).problems.isEmpty)
        #expect(
            try MemoryFiles(main: "{gateway: {bind: 'lan'}, env: {vars: {OPENCLAW_GATEWAY_PASSWORD: 'fake'}}}").loaded()
                .problems.isEmpty)
    }
}
