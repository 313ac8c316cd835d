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
        "", "host:80", "wss://host", "https://host", "ws://", "ws://host:0", "ws://host:70000", "ws://h:x",
    ])
    func `other addresses are refused`(url: String) {
        #expect(throws: ClientError.self) { try GatewayAddress(url: url) }
    }
}
