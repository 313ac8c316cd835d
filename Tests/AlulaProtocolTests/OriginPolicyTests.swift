import Testing

@testable import AlulaProtocol

struct OriginPolicyTests {
    /// A page, where it connects, and whether it may without any setting.
    struct PageCase: CustomTestStringConvertible, Sendable {
        let origin: String
        let address: String
        let host: String?
        let isAllowed: Bool
        var testDescription: String { "\(origin) at \(host ?? "-") from \(address)" }
    }

    static let pages: [PageCase] = [
        .init(origin: "http://localhost:18789", address: "127.0.0.1", host: "localhost:18789", isAllowed: true),
        // Any port of this machine, as the reference allows.
        .init(origin: "http://localhost:5173", address: "127.0.0.1", host: "127.0.0.1:18789", isAllowed: true),
        .init(origin: "http://[::1]:18789", address: "::1", host: "[::1]:18789", isAllowed: true),
        .init(origin: "http://localhost:18789", address: "192.0.2.7", host: "localhost:18789", isAllowed: false),
        .init(origin: "https://evil.example", address: "127.0.0.1", host: "127.0.0.1:18789", isAllowed: false),
        // A name of the attacker that points to this machine.
        .init(origin: "http://evil.example", address: "127.0.0.1", host: "evil.example", isAllowed: false),
        .init(origin: "http://127.0.0.1.evil.example", address: "127.0.0.1", host: "127.0.0.1", isAllowed: false),
        .init(origin: "http://localhost@evil.example", address: "127.0.0.1", host: "127.0.0.1", isAllowed: false),
        .init(origin: "null", address: "127.0.0.1", host: "127.0.0.1", isAllowed: false),
        .init(origin: "file://", address: "127.0.0.1", host: "127.0.0.1", isAllowed: false),
        .init(origin: "", address: "127.0.0.1", host: "127.0.0.1", isAllowed: false),
        .init(origin: "http://192.168.1.5:18789", address: "192.168.1.9", host: "192.168.1.5:18789", isAllowed: true),
        .init(origin: "http://192.168.1.5:18789", address: "192.168.1.9", host: "192.168.1.6:18789", isAllowed: false),
        .init(origin: "http://mac.local:1", address: "192.168.1.9", host: "mac.local:18789", isAllowed: true),
        .init(origin: "https://box.tail1.ts.net", address: "100.64.0.2", host: "box.tail1.ts.net", isAllowed: true),
        .init(origin: "https://mac.local.evil.example", address: "192.0.2.7", host: "mac.local", isAllowed: false),
    ]

    @Test(arguments: pages) func pagesAreJudgedByWhereTheyComeFrom(_ page: PageCase) {
        let peer = Peer(address: page.address, host: page.host, origin: page.origin)
        #expect((OriginPolicy().refusal(of: page.origin, from: peer) == nil) == page.isAllowed)
    }

    @Test func theListIsComparedWithoutRegardToCase() {
        let policy = OriginPolicy(allowed: ["https://UI.example:8443"])
        let peer = Peer(address: "192.0.2.7", host: "gateway.example")
        #expect(policy.refusal(of: "https://ui.example:8443", from: peer) == nil)
        #expect(policy.refusal(of: "HTTPS://ui.EXAMPLE:8443", from: peer) == nil)
        #expect(policy.refusal(of: "https://ui.example", from: peer) != nil)
        #expect(OriginPolicy(allowed: ["*"]).refusal(of: "null", from: peer) == nil)
    }

    @Test func theHostHeaderCountsOnlyWhenTheOwnerSaysSo() {
        let peer = Peer(address: "192.0.2.7", host: "ui.example:8080")
        #expect(OriginPolicy().refusal(of: "http://ui.example:8080", from: peer) != nil)
        let policy = OriginPolicy(allowsHostHeader: true)
        #expect(policy.refusal(of: "http://ui.example:8080", from: peer) == nil)
        #expect(policy.refusal(of: "http://ui.example:8081", from: peer) != nil)
    }

    @Test(
        arguments: [
            ("127.0.0.1", "127.0.0.1:1", false, false, true), ("127.8.8.8", "localhost", false, false, true),
            ("::1", "[::1]:18789", false, false, true), ("::ffff:127.0.0.1", "localhost:1", false, false, true),
            ("127.0.0.1", nil, false, false, true), ("127.0.0.1", "evil.example", false, false, false),
            ("127.0.0.1", "localhost", true, false, false), ("127.0.0.1", "localhost", false, true, false),
            ("192.0.2.7", "localhost", false, false, false), ("unknown", nil, false, false, false),
            ("127.0.0.1", "localhost:99999", false, false, false), ("127.0.0.1", "[::1", false, false, false),
        ] as [(String, String?, Bool, Bool, Bool)])
    func localMeansThisMachineAndNoProxy(
        address: String, host: String?, isForwarded: Bool, isTrustedProxy: Bool, isLocal: Bool
    ) {
        let peer = Peer(address: address, host: host, isForwarded: isForwarded, isTrustedProxy: isTrustedProxy)
        #expect(peer.isDirectLocal == isLocal)
    }

    @Test(arguments: [
        ("10.0.0.1", true), ("172.16.0.1", true), ("172.32.0.1", false), ("192.168.0.1", true), ("169.254.1.1", true),
        ("100.64.0.1", true), ("100.128.0.1", false), ("8.8.8.8", false), ("[fd00::1]", true), ("[fe80::1]", true),
        ("[2001:db8::1]", false), ("fdic.example", false), ("10.0.0", false), ("10.0.0.256", false),
    ])
    func privateAddressesAreKnown(authority: String, isPrivate: Bool) throws {
        #expect(try #require(HostName(authority: authority)).isPrivate == isPrivate)
    }
}
