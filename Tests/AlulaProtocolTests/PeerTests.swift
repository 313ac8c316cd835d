import Testing

@testable import AlulaProtocol

struct PeerTests {
    @Test(arguments: [
        (Peer(address: "127.0.0.1", host: "localhost:18789"), true),
        (Peer(address: "::1", host: "[::1]:18789"), true),
        (Peer(address: "::ffff:127.0.0.1", host: "127.0.0.1"), true),
        (Peer(address: "127.0.0.1"), true),
        (Peer(address: "127.0.0.1", host: "rebound.example"), false),
        (Peer(address: "127.0.0.1", host: "localhost", isForwarded: true), false),
        (Peer(address: "127.0.0.1", host: "localhost", isTrustedProxy: true), false),
        (Peer(address: "192.168.1.5", host: "localhost"), false),
    ])
    func isLocalOnlyWhenNothingSaysOtherwise(peer: Peer, expected: Bool) {
        #expect(peer.isDirectLocal == expected)
    }

    @Test(arguments: [
        (OriginPolicy(), "http://localhost:3000", Peer(address: "127.0.0.1", host: "127.0.0.1:1"), true),
        (OriginPolicy(), "https://evil.example", Peer(address: "127.0.0.1", host: "127.0.0.1:1"), false),
        (OriginPolicy(), "http://evil.example:1", Peer(address: "127.0.0.1", host: "evil.example:1"), false),
        (OriginPolicy(), "http://192.168.1.2:1", Peer(address: "192.168.1.9", host: "192.168.1.2:1"), true),
        (OriginPolicy(), "http://box.local:1", Peer(address: "192.168.1.9", host: "box.local:1"), true),
        (OriginPolicy(), "null", Peer(address: "127.0.0.1", host: "127.0.0.1:1"), false),
        (OriginPolicy(allowed: ["https://Page.example"]), "https://page.example", Peer(address: "1.2.3.4"), true),
        (OriginPolicy(allowed: ["*"]), "https://any.example", Peer(address: "1.2.3.4"), true),
        (
            OriginPolicy(allowsHostHeader: true), "https://a.example:8", Peer(address: "1.2.3.4", host: "a.example:8"),
            true
        ),
    ])
    func letsPagesInByOrigin(policy: OriginPolicy, origin: String, peer: Peer, isAllowed: Bool) {
        #expect((policy.refusal(of: origin, from: peer) == nil) == isAllowed)
    }

    @Test(
        arguments: [
            ([.admin], .pairing, true), ([.write], .read, true), ([.read], .write, false),
            ([.approvals], .read, false), ([], .read, false),
        ] as [(Set<Scope>, Scope, Bool)])
    func impliesScopes(scopes: Set<Scope>, required: Scope, isPermitted: Bool) {
        #expect(scopes.permit(required) == isPermitted)
    }

    @Test func knowsTheReferencesMethods() {
        #expect(KnownMethods.names.count > 180)
        #expect(KnownMethods.access(to: "health") == .anyone)
        #expect(KnownMethods.access(to: "config.patch") == .scope(.admin))
        #expect(KnownMethods.access(to: "node.event") == .node)
        #expect(KnownMethods.access(to: "nosuch.method") == nil)
    }

    @Test func cutsLongCloseReasons() {
        #expect(CloseReason(1008, String(repeating: "ä", count: 100)).text.utf8.count == 120)
    }
}
