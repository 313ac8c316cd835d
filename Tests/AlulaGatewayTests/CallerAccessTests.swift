import AlulaConfiguration
import AlulaPrimitives
import AlulaProtocol
import AlulaState
import AlulaSystem
import Testing

@testable import AlulaGateway

struct CallerAccessTests {
    private let pool = BlockingPool()

    /// What the gateway is started with beside its state directory.
    private struct Start {
        var auth: String?
        var token: Secret?
        var password: Secret?
        var variables: [String: String] = [:]
    }

    private func access(_ scene: Installation, _ start: Start = Start()) async throws -> (name: String, secret: String?)
    {
        let request = GatewayRequest(
            layout: scene.layout, variables: start.variables, currentDirectory: scene.home, version: "1.2.3",
            auth: start.auth, token: start.token, password: start.password, announce: { _ in })
        let state = scene.load(start.variables)
        let found = try await CallerAccess(state: state, request: request, pool: pool).resolve().authentication
        return switch found {
        case .none: (found.name, nil)
        case .token(let secret), .password(let secret): (found.name, secret.exposed)
        case .trustedProxy(let proxy): (found.name, proxy.localToken?.exposed)
        }
    }

    private func refusal(_ scene: Installation, _ start: Start = Start()) async throws -> String {
        let error = await #expect(throws: GatewayStartError.self) { try await access(scene, start) }
        #expect(error?.code == .configurationRefused)
        return try #require(error).message
    }

    // MARK: Tokens

    @Test func makesATokenOnceWhenNothingIsSet() async throws {
        let scene = try Installation("{}")
        let first = try await access(scene)
        #expect(first.name == "token")
        #expect(try #require(first.secret).count >= 40)
        let identity = try BlockingContext.permit { try FileIdentity.of(scene.layout.token, followsLinks: false) }
        #expect(identity.mode & 0o777 == 0o600)
        #expect(try await access(scene).secret == first.secret)
    }

    @Test func theFlagComesBeforeTheEnvironmentAndThatBeforeTheConfiguration() async throws {
        let scene = try Installation("{gateway: {auth: {token: 'fake-configured'}}}")
        let ours = "ALULA_GATEWAY_TOKEN"
        let theirs = "OPENCLAW_GATEWAY_TOKEN"
        #expect(try await access(scene).secret == "fake-configured")
        var start = Start(variables: [theirs: "fake-theirs"])
        #expect(try await access(scene, start).secret == "fake-theirs")
        start.variables[ours] = "fake-ours"
        #expect(try await access(scene, start).secret == "fake-ours")
        start.token = Secret("fake-flag")
        #expect(try await access(scene, start).secret == "fake-flag")
    }

    @Test func blankSecretsCountAsNone() async throws {
        let scene = try Installation("{gateway: {auth: {token: '  '}}}")
        let start = Start(token: Secret(" "), variables: ["ALULA_GATEWAY_TOKEN": "\n", "OPENCLAW_GATEWAY_TOKEN": ""])
        let found = try await access(scene, start)
        #expect(found.name == "token")
        #expect(try #require(found.secret).count >= 40)
    }

    @Test func aPointerIsFollowed() async throws {
        let scene = try Installation(
            "{gateway: {auth: {token: {source: 'env', provider: 'default', id: 'MY_TOKEN'}}}}")
        #expect(try await access(scene, Start(variables: ["MY_TOKEN": "fake-pointed-at"])).secret == "fake-pointed-at")
    }

    @Test(arguments: ["token", "password"])
    func aPointerToNothingIsNeverAnsweredWithAnotherSecret(mode: String) async throws {
        let scene = try Installation(
            "{gateway: {auth: {mode: '\(mode)', \(mode): {source: 'env', provider: 'default', id: 'MY_SECRET'}}}}")
        #expect(try await refusal(scene).contains("can't be found"))
        #expect(try BlockingContext.permit { try FileIdentity.ofExisting(scene.layout.token) } == nil)
    }

    // MARK: Passwords

    @Test func aPasswordAloneIsAskedFor() async throws {
        let scene = try Installation("{gateway: {auth: {password: 'fake-password'}}}")
        let found = try await access(scene)
        #expect(found.name == "password")
        #expect(found.secret == "fake-password")
    }

    @Test func aTokenBesideAPasswordIsAskedForUnlessTheModeSaysOtherwise() async throws {
        let scene = try Installation("{gateway: {auth: {password: 'fake-password'}}}")
        var start = Start(variables: ["OPENCLAW_GATEWAY_TOKEN": "fake-token"])
        #expect(try await access(scene, start).secret == "fake-token")
        start.auth = "password"
        #expect(try await access(scene, start).secret == "fake-password")
    }

    @Test func aPasswordThatIsWantedAndMissingIsRefused() async throws {
        let scene = try Installation("{gateway: {auth: {mode: 'password'}}}")
        #expect(try await refusal(scene).contains("ALULA_GATEWAY_PASSWORD"))
        let blank = try await refusal(scene, Start(password: Secret(" ")))
        #expect(blank.contains("no password is set"))
        #expect(try await access(scene, Start(password: Secret("fake-password"))).name == "password")
    }

    // MARK: No protection

    @Test func noneIsBelievedWhenTheSectionIsSound() async throws {
        #expect(try await access(Installation("{gateway: {auth: {mode: 'none'}}}")).name == "none")
    }

    @Test func noneOnTheCommandLineIsBelievedWhateverTheFileSays() async throws {
        let scene = try Installation("{gateway: {auth: {mode: 'none', rateLimit: {maxAttempts: -1}}}}")
        #expect(try await access(scene, Start(auth: "none")).name == "none")
    }

    @Test(arguments: [
        "{mode: 'none', rateLimit: {maxAttempts: -1}}", "{mode: 'none', token: 7}", "{mode: 'none', rateLimit: 'x'}",
        "{mode: 'none', trustedProxy: []}", "{mode: 'none', allowTailscale: 'perhaps'}",
    ])
    func noneIsNotBelievedBesideMistakes(section: String) async throws {
        let scene = try Installation("{gateway: {auth: \(section)}}")
        try #require(scene.load().configuration.gateway.auth.isInvalid)
        #expect(try await refusal(scene).contains("has mistakes"))
    }

    @Test(arguments: ["{mode: 'nnone'}", "{mode: null}", "{mode: ['none']}", "'none'", "[]", "{mode: 'NONE'}"])
    func whatIsNotUnderstoodNeverTurnsProtectionOff(section: String) async throws {
        #expect(try await access(Installation("{gateway: {auth: \(section)}}")).name == "token")
    }

    // MARK: Others

    @Test func aTrustedProxyIsBelievedWhenItIsDescribed() async throws {
        let proxy = "auth: {mode: 'trusted-proxy', trustedProxy: {userHeader: 'x-user'}}"
        let scene = try Installation("{gateway: {\(proxy), trustedProxies: ['10.0.0.1']}}")
        let found = try await access(scene)
        #expect(found.name == "trusted-proxy")
        // The command line on this machine comes without the proxy.
        #expect(try #require(found.secret).count >= 40)
        #expect(try await refusal(Installation("{gateway: {\(proxy)}}")).contains("trustedProxies"))
        #expect(try await refusal(Installation("{}"), Start(auth: "trusted-proxy")).contains("userHeader"))
    }

    @Test func anUnknownModeOnTheCommandLineIsRefused() async throws {
        #expect(try await refusal(Installation("{}"), Start(auth: "open")).contains("open"))
    }

    // MARK: The whole gateway

    /// The command line ends with 78 after this error, on which the service unit does not restart.
    @Test(arguments: [
        "{gateway: {auth: {mode: 'none', rateLimit: {maxAttempts: -1}}}}", "{gateway: {auth: {mode: 'password'}}}",
        "{gateway: {auth: {mode: 'none'}, bind: 'lan'}}",
    ])
    func aGatewayDoesNotStartUnprotectedByMistake(configuration: String) async throws {
        let scene = try Installation(configuration)
        let request = GatewayRequest(
            layout: scene.layout, variables: ["HOME": scene.home, "TMPDIR": scene.home], currentDirectory: scene.home,
            version: "1.2.3", port: 0, logLevel: "silent", announce: { _ in Issue.record("It listens.") })
        let error = await #expect(throws: GatewayStartError.self) { try await Gateway.run(request) }
        #expect(error?.code == .configurationRefused)
        #expect(try scene.read("state/openclaw.json") == configuration)
    }
}
