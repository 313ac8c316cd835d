import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct RequestSettingsTests {
    private static func loaded(_ request: String) throws -> (ProviderSettings?, [String]) {
        let loaded = try MemoryFiles(
            main: "{models: {providers: {p: {baseUrl: 'http://h.test', apiKey: 'fake-key', request: \(request)}}}}"
        ).loaded()
        return (loaded.configuration.models["p"], loaded.findings)
    }

    @Test func readsEveryKey() throws {
        let (provider, findings) = try Self.loaded(
            """
            {headers: {'x-a': 'fake-a', 'x-b': '${B}'}, auth: {mode: 'header', headerName: 'x-key', value: 'fake-value', prefix: 'Token '},
             proxy: {mode: 'explicit-proxy', url: 'http://u:fake-word@h:3128', tls: {}}, allowPrivateNetwork: true,
             tls: {ca: 'fake-ca', cert: 'fake-cert', key: {source: 'env', provider: 'default', id: 'KEY'}, passphrase: 'fake-pass', insecureSkipVerify: false}}
            """)
        #expect(findings == [])
        let request = try #require(provider?.request)
        #expect(request.headers.map { "\($0.name)=\($0.value.spelled)" } == ["x-a=fake-a", "x-b=env:default:B"])
        guard case .header(let name, let value, let prefix) = request.auth else {
            Issue.record("\(request.auth)")
            return
        }
        #expect(name == "x-key" && value.spelled == "fake-value" && prefix == "Token ")
        #expect(provider?.key?.spelled == "fake-value", "It stands before the key.")
        #expect(request.proxy?.exposed == "http://u:fake-word@h:3128")
        #expect(request.security.authorities?.spelled == "fake-ca")
        #expect(request.security.certificate?.spelled == "fake-cert")
        #expect(request.security.key?.spelled == "env:default:KEY")
        #expect(request.security.passphrase?.spelled == "fake-pass")
    }

    @Test(arguments: ["{}", "{auth: {mode: 'provider-default'}, proxy: {mode: 'env-proxy'}, tls: {}}"])
    func whatSaysNothingChangesNothing(request: String) throws {
        let (provider, findings) = try Self.loaded(request)
        #expect(findings == [])
        #expect(provider?.key?.spelled == "fake-key" && provider?.request.proxy == nil)
    }

    @Test func aTokenIsShownInPlaceOfTheKey() throws {
        let (provider, _) = try Self.loaded("{auth: {mode: 'authorization-bearer', token: 'fake-token'}}")
        guard case .bearer(let token)? = provider?.request.auth else {
            Issue.record("\(String(describing: provider?.request.auth))")
            return
        }
        #expect(token.spelled == "fake-token" && provider?.key?.spelled == "fake-token")
    }

    /// A request that goes another way than it should is worse than none.
    @Test(
        arguments: [
            ("'none'", "wrong_type", ""), ("{headers: {'a b': 'x'}}", "invalid_value", ".headers"),
            ("{headers: {a: 7}}", "wrong_type", ".headers.a"), ("{auth: {}}", "missing_value", ".auth.mode"),
            ("{auth: {mode: 'basic'}}", "invalid_value", ".auth.mode"),
            ("{auth: {mode: 'authorization-bearer'}}", "missing_value", ".auth.token"),
            ("{auth: {mode: 'authorization-bearer', token: 7}}", "wrong_type", ".auth.token"),
            ("{auth: {mode: 'header', value: 'x'}}", "missing_value", ".auth.headerName"),
            ("{auth: {mode: 'header', headerName: 'x'}}", "missing_value", ".auth.value"),
            ("{auth: {mode: 'header', headerName: 'a\\nb', value: 'x'}}", "invalid_value", ".auth.headerName"),
            ("{proxy: {url: 'http://h:1'}}", "missing_value", ".proxy.mode"),
            ("{proxy: {mode: 'explicit-proxy'}}", "missing_value", ".proxy.url"),
            ("{proxy: {mode: 'explicit-proxy', url: 'https://h:1'}}", "invalid_value", ".proxy.url"),
            ("{proxy: {mode: 'explicit-proxy', url: 7}}", "wrong_type", ".proxy.url"),
            ("{tls: {cert: 'x'}}", "missing_value", ".tls.key"), ("{tls: {key: 'x'}}", "missing_value", ".tls.cert"),
            ("{tls: {ca: []}}", "wrong_type", ".tls.ca"),
        ] as [(String, String, String)])
    func whatIsWrongTurnsTheProviderOff(request: String, code: String, place: String) throws {
        let (provider, findings) = try Self.loaded(request)
        #expect(provider == nil)
        #expect(findings == ["error \(code) models.providers.p.request\(place)"])
    }

    @Test(
        arguments: [
            ("{tls: {insecureSkipVerify: true}}", "tls.insecureSkipVerify"),
            ("{tls: {serverName: 'x'}}", "tls.serverName"),
            ("{proxy: {mode: 'env-proxy', url: 'http://h:1'}}", "proxy.url"),
        ])
    func whatHasNoEffectIsSaid(request: String, place: String) throws {
        let (provider, findings) = try Self.loaded(request)
        #expect(provider != nil && provider?.request.proxy == nil)
        #expect(findings == ["warning unsupported models.providers.p.request.\(place)"])
    }
}
