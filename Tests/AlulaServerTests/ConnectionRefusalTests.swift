import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

@Suite(.timeLimit(.minutes(1)))
struct ConnectionRefusalTests {
    @Test(arguments: [
        ("fake-wrong-token", "AUTH_TOKEN_MISMATCH", "unauthorized: gateway token is wrong"),
        ("", "AUTH_TOKEN_MISSING", "unauthorized: gateway token is missing"),
    ])
    func `a wrong or missing token is refused by name`(token: String, code: String, text: String) async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.webSocket(rig)
            try await peer.send(text: RawPeer.connectRequest(token: token))
            let answer = try await peer.response(to: "c")
            #expect(answer["error"]?["details"]?["code"] == .string(code))
            let close = try await peer.close()
            #expect(close == RawPeer.Close(1008, text))
        }
    }

    @Test
    func `the client calls a refused secret unauthorized`() async throws {
        try await ServerRig.run { rig in
            let error = try await #require(throws: ClientError.self) {
                _ = try await rig.client(token: Secret("fake-wrong-token"))
            }
            #expect(error.code == .unauthorized)
        }
    }

    @Test
    func `a client of another protocol version is refused`() async throws {
        try await ServerRig.run { rig in
            let error = try await #require(throws: ClientError.self) { _ = try await rig.client(versions: 7...9) }
            #expect(error.code == .protocolMismatch)
        }
    }

    @Test(arguments: [
        ("not JSON", "hello", 1000, ""),
        ("no frame", "{}", 1008, "invalid request frame"),
        (
            "no connect", #"{"type":"req","id":"c","method":"health"}"#, 1008,
            "invalid handshake: first request must be connect"
        ),
        ("deep JSON", String(repeating: "[", count: 20_000), 1000, ""),
    ])
    func `what is no introduction ends a fresh connection`(
        kind: String, message: String, code: Int, text: String
    ) async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.webSocket(rig)
            try await peer.send(text: message)
            let close = try await peer.close()
            #expect(close == RawPeer.Close(code, text), "\(kind)")
        }
    }

    @Test
    func `more than an introduction needs is cut off before admission`() async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.webSocket(rig)
            try await peer.send(RawPeer.frame(opcode: 1, Array(repeating: 32, count: 70_000)))
            let close = try await peer.close()
            #expect(close == RawPeer.Close(1009, "preauth payload too large"))
        }
    }

    @Test
    func `a message beyond the limit ends an admitted connection`() async throws {
        var settings = ServerRig.settings
        settings.limits.maximumMessage = ByteCount(bytes: 100_000)
        try await ServerRig.run(settings) { rig in
            var peer = try await RawPeer.admitted(rig)
            try await peer.send(RawPeer.frame(opcode: 1, Array(repeating: 32, count: 100_001)))
            let close = try await peer.close()
            #expect(close == RawPeer.Close(1009, "payload too large"))
        }
    }

    @Test(arguments: [
        ("binary", RawPeer.frame(opcode: 2, [1, 2, 3]), 1003),
        ("invalid UTF-8", RawPeer.frame(opcode: 1, [0x22, 0xFF, 0x22]), 1007),
        ("unmasked", RawPeer.frame(opcode: 1, isMasked: false, Array("{}".utf8)), 1002),
        ("stray continuation", RawPeer.frame(opcode: 0, Array("{}".utf8)), 1002),
    ])
    func `frames that break the rules end the connection`(kind: String, bytes: [UInt8], code: Int) async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.admitted(rig)
            try await peer.send(bytes)
            #expect(try await peer.close().code == code, "\(kind)")
        }
    }

    @Test
    func `an admitted client's unreadable JSON is ignored`() async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.admitted(rig)
            try await peer.send(text: String(repeating: "[", count: 200_000))
            try await peer.send(text: #"{"type":"req","id":"1","method":"health"}"#)
            #expect(try await peer.response(to: "1")["ok"] == true)
        }
    }

    @Test
    func `a message in fragments is one message`() async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.admitted(rig)
            let text = Array(#"{"type":"req","id":"1","method":"health"}"#.utf8)
            try await peer.send(RawPeer.frame(opcode: 1, isLast: false, Array(text.prefix(11))))
            try await peer.send(RawPeer.frame(opcode: 0, isLast: false, Array(text[11..<20])))
            try await peer.send(RawPeer.frame(opcode: 9, Array("ping".utf8)))
            try await peer.send(RawPeer.frame(opcode: 0, Array(text.dropFirst(20))))
            #expect(try await peer.response(to: "1")["ok"] == true)
        }
    }

    @Test(.bug(id: "B85"))
    func `a client that never introduces itself is closed`() async throws {
        var settings = ServerRig.settings
        settings.limits.handshakeTimeout = .milliseconds(200)
        try await ServerRig.run(settings) { rig in
            var peer = try await RawPeer.webSocket(rig)
            let close = try await peer.close()
            #expect(close == RawPeer.Close(1008, "handshake timeout"))
        }
    }

    @Test
    func `the thirty-third waiting socket of an address is turned away`() async throws {
        try await ServerRig.run { rig in
            var waiting: [RawPeer] = []
            for _ in 0..<32 { waiting.append(try await RawPeer.webSocket(rig)) }
            var late = try await RawPeer(port: rig.port)
            #expect(try await late.upgrade().status == 503)
            // A place that is given back can be taken again.
            try await waiting[0].send(text: RawPeer.connectRequest(token: ServerRig.token.exposed))
            _ = try await waiting[0].response(to: "c")
            _ = try await RawPeer.webSocket(rig)
        }
    }

    @Test
    func `a forwarded client keeps no scopes`() async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.admitted(rig, headers: ["X-Forwarded-For: 203.0.113.7"])
            try await peer.send(text: #"{"type":"req","id":"1","method":"models.status"}"#)
            let answer = try await peer.response(to: "1")
            #expect(answer["error"]?["message"] == "missing scope: operator.read")
        }
    }
}
