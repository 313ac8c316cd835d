import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

/// Callers whom a reverse proxy vouches for.
struct ProxyAuthenticationTests {
    private static let proxy = ProxyAuthentication(
        userHeader: "X-User", requiredHeaders: ["X-Proxy-Secret"], allowedUsers: ["ada", "bob"],
        localToken: Secret("fake-local-token"))

    private static func peer(
        _ fields: [(name: String, value: String)], address: String = "10.0.0.1", host: String = "gateway.example"
    ) -> Peer {
        Peer(
            address: address, host: host, fields: fields, trustedProxies: TrustedProxies(["10.0.0.0/8", "127.0.0.2"]))
    }

    private static let ada = peer([("X-User", " ada "), ("x-proxy-secret", "fake")])

    @Test(
        arguments: [
            ([("X-User", "ada"), ("X-Proxy-Secret", "fake")], "10.0.0.1", nil),
            ([("X-User", "ada"), ("X-Proxy-Secret", "fake")], "192.0.2.7", .untrustedSource),
            ([("X-User", "ada"), ("X-Proxy-Secret", "fake")], "127.0.0.2", .loopbackSource),
            ([("X-User", "ada")], "10.0.0.1", .headerMissing),
            ([("X-User", " "), ("X-Proxy-Secret", "fake")], "10.0.0.1", .userMissing),
            ([("X-User", "eve"), ("X-Proxy-Secret", "fake")], "10.0.0.1", .userNotAllowed),
            // Two names in one header are nobody's.
            ([("X-User", "ada"), ("X-User", "eve"), ("X-Proxy-Secret", "fake")], "10.0.0.1", .userNotAllowed),
        ] as [([(String, String)], String, ProxyAuthentication.Refusal?)])
    func saysWhomTheProxyLetsIn(
        fields: [(String, String)], address: String, expected: ProxyAuthentication.Refusal?
    ) throws {
        let peer = Self.peer(fields.map { (name: $0, value: $1) }, address: address)
        #expect(Self.proxy.refusal(of: peer) == expected)
        let rules = AdmissionRules(authentication: .trustedProxy(Self.proxy))
        let outcome = try ConnectScene(auth: nil).outcome(rules, from: peer)
        guard case .failure(let refusal) = outcome else {
            #expect(expected == nil)
            return
        }
        #expect(refusal.error.details?["authReason"]?.string == expected?.rawValue)
        #expect(refusal.close.code == 1008)
        #expect(!refusal.isWrongSecret)
    }

    @Test func aPageBehindTheProxyNeedsNoDeviceAndKeepsItsScopes() throws {
        var rules = AdmissionRules(authentication: .trustedProxy(Self.proxy))
        rules.origins.allowed = ["https://ui.example"]
        let scene = ConnectScene(
            clientID: "openclaw-control-ui", mode: "ui", scopes: ["operator.read", "operator.admin"], auth: nil)
        let origin = (name: "Origin", value: "https://ui.example")
        let page = Self.peer([("X-User", "ada"), ("X-Proxy-Secret", "fake"), origin])
        #expect(try scene.outcome(rules, from: page).get().caller.scopes == [.read, .admin])
        let narrowed = Self.peer([
            ("X-User", "ada"), ("X-Proxy-Secret", "fake"), origin, ("X-OpenClaw-Scopes", "operator.write, x"),
        ])
        #expect(try scene.outcome(rules, from: narrowed).get().caller.scopes == [.read])
        // Other programs come in, and may do nothing until their scopes are kept.
        let program = ConnectScene(scopes: ["operator.read"], auth: nil)
        #expect(try program.outcome(rules, from: Self.ada).get().didEmptyScopes)
    }

    @Test func aProgramOnTheMachineShowsTheToken() throws {
        let rules = AdmissionRules(authentication: .trustedProxy(Self.proxy))
        let right = ConnectScene(auth: ["token": "fake-local-token"])
        #expect(try right.outcome(rules).get().caller.isAdministrator)
        guard case .failure(let wrong) = try ConnectScene(auth: ["token": "fake-guess"]).outcome(rules) else {
            Issue.record("It got in.")
            return
        }
        #expect(wrong.isWrongSecret)
        #expect(wrong.error.message == "unauthorized: gateway token is wrong")
        // From elsewhere the token opens nothing.
        guard case .failure(let elsewhere) = try right.outcome(rules, from: ConnectScene.remotePeer) else {
            Issue.record("It got in.")
            return
        }
        #expect(elsewhere.error.details?["authReason"] == "trusted_proxy_untrusted_source")
    }
}
