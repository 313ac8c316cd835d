import Testing

@testable import AlulaClient

struct GatewayAddressTests {
    @Test(arguments: [
        ("ws://127.0.0.1:4000/gateway", "127.0.0.1", 4000, "/gateway"),
        ("ws://localhost", "localhost", 18789, "/"),
        ("HTTP://host:80?x=1", "host", 80, "/?x=1"),
        (" ws://[::1]:5/ ", "::1", 5, "/"),
    ])
    func `addresses are read`(url: String, host: String, port: Int, path: String) throws {
        let address = try GatewayAddress(url: url)
        #expect(address == GatewayAddress(host: host, port: port, path: path))
    }

    @Test(arguments: [
        "", "host:80", "ftp://host", "ws://", "ws://host:0", "ws://host:70000", "ws://h:x",
    ])
    func `other addresses are refused`(url: String) {
        #expect(throws: ClientError.self) { try GatewayAddress(url: url) }
    }

    @Test func `an encrypted address may name its certificate`() throws {
        let digits = String(repeating: "0a", count: 32)
        let address = try GatewayAddress(url: "wss://host:7/x#sha256=\(digits.uppercased())")
        let fingerprint = [UInt8](repeating: 10, count: 32)
        #expect(
            address == GatewayAddress(host: "host", port: 7, path: "/x", isEncrypted: true, fingerprint: fingerprint))
        #expect(try GatewayAddress(url: "https://host").isEncrypted)
        #expect(try GatewayAddress(url: "wss://host").fingerprint == nil)
        let spaced = Array(repeating: "0a", count: 32).joined(separator: ":")
        #expect(try GatewayAddress(url: "wss://host#sha256=\(spaced)").fingerprint == fingerprint)
    }

    @Test(arguments: ["ws://host#sha256=", "wss://host#sha256=0a", "wss://host#md5=0a", "wss://host#x"])
    func `half a fingerprint is none`(url: String) {
        #expect(throws: ClientError.self) { try GatewayAddress(url: url) }
    }
}
