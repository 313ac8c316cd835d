import AlulaProtocol
import Testing

/// Whose forwarding headers are believed, and whom they name.
struct TrustedProxiesTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false), ("10.0.0.0/8", "10.200.3.4", true),
        ("10.0.0.0/8", "11.0.0.1", false), ("192.168.4.0/22", "192.168.7.255", true),
        ("192.168.4.0/22", "192.168.8.0", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::2", false),
        ("::1", "0:0:0:0:0:0:0:1", true), ("fd00::/8", "fd12:3456::7", true), ("fd00::/8", "fe80::1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true), ("proxy.example", "proxy.example", false),
        ("10.0.0.0/33", "10.0.0.1", false), ("10.0.0.0/-1", "10.0.0.1", false), ("10.0.0.0/", "10.0.0.0", false),
        ("", "", false), ("1::2::3", "1::2::3", false), ("12345::", "12345::", false),
    ])
    func readsAddressesAndRanges(entry: String, address: String, isTrusted: Bool) {
        #expect(TrustedProxies([entry]).contains(address) == isTrusted)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("203.0.113.7, 10.0.0.2", "203.0.113.7"),
        // Whoever stands left of the client says what it likes.
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"), ("[2001:db8::1]:4711", "[2001:db8::1]:4711"),
        ("10.0.0.2", "10.0.0.1"), ("", "10.0.0.1"),
    ])
    func countsTheClientThatATrustedProxyNames(header: String, client: String) {
        let peer = Peer(
            address: "10.0.0.1", host: "gateway.example", fields: [(name: "X-Forwarded-For", value: header)],
            trustedProxies: TrustedProxies(["10.0.0.0/24"]))
        #expect(peer.clientAddress == client)
        #expect(peer.isForwarded)
        #expect(peer.isTrustedProxy)
    }

    @Test func believesNobodyElse() {
        let peer = Peer(
            address: "127.0.0.1", host: "localhost",
            fields: [(name: "Origin", value: "http://localhost"), (name: "x-forwarded-for", value: "203.0.113.7")],
            trustedProxies: TrustedProxies())
        #expect(peer.clientAddress == "127.0.0.1")
        #expect(peer.origin == "http://localhost")
        #expect(peer.isForwarded)
        #expect(!peer.isDirectLocal)
        #expect(peer.proxyFields.isEmpty)
    }
}
