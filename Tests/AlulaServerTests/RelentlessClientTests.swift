import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import Testing

@testable import AlulaServer

/// Clients that never read what they asked for, or never stop: what they cost is bounded, and the others don't notice.
@Suite(.timeLimit(.minutes(5)))
struct RelentlessClientTests {
    /// Sends `bytes` again and again without reading, until the gateway has had enough.
    private static func flood(_ bytes: [UInt8]) async throws {
        try await ServerRig.run {
            $0.limits.maximumBuffered = ByteCount(bytes: 100_000)
            // It never reads the goodbye.
            $0.limits.closeGrace = .milliseconds(1)
        } _: { rig in
            let other = try await rig.admitted()
            let connection = try await rig.admitted()
            try await connection.stopReading()
            do {
                while rig.server.connectionCount > 1 { try await connection.write(bytes) }
            } catch is ChannelError {
                // It has been cut off, which is what is asked for.
            } catch is IOError {
                // The same, seen by the system.
            }
            try await other.send(ServerRig.request("1", "health"))
            #expect(try await other.answer(to: "1")?["ok"] == true)
            while rig.server.connectionCount > 1 { await Task.yield() }
        }
    }

    @Test func whoAsksOnAndOnWithoutReadingIsCutOff() async throws {
        // The answer says the key again.
        let key = JSONValue.string(String(repeating: "k", count: 50_000))
        let request = ServerRig.request("1", "sessions.messages.subscribe", ["key": key])
        try await Self.flood(RawPeer.frame(request.serialized(.compact)))
    }

    /// Each ping asks for an answer of its own.
    @Test func whoPingsOnAndOnWithoutReadingIsCutOff() async throws {
        let ping = RawPeer.frame([UInt8](repeating: 1, count: 125), opcode: 9)
        try await Self.flood([[UInt8]](repeating: ping, count: 1000).flatMap(\.self))
    }

    @Test func strangersMayNotPingOnAndOn() async throws {
        try await ServerRig.run { rig in
            let stranger = try await rig.challenged()
            let ping = RawPeer.frame([UInt8](repeating: 1, count: 125), opcode: 9)
            try await stranger.write([[UInt8]](repeating: ping, count: 1100).flatMap(\.self))
            #expect(try await stranger.closing() == .close(code: 1009, reason: "preauth payload too large"))
        }
    }

    // MARK: Trickles

    @Test func aBodyThatTricklesInEndsTheConnection() async throws {
        try await ServerRig.run({ $0.http.idleTimeout = .milliseconds(50) }) { rig in
            let connection = try await RawPeer.connect(port: rig.port)
            do {
                try await connection.write(
                    "POST /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n")
                // Bytes that trickle in win no time.
                for _ in 0..<1000 { try await connection.write("x") }
            } catch is ChannelError {
                // It has ended already, which is what is asked for.
            } catch is IOError {
                // The same, seen by the system.
            }
            _ = await connection.rest()
        }
    }

    @Test func aConnectionThatIsKeptForNothingEnds() async throws {
        try await ServerRig.run({ $0.http.idleTimeout = .milliseconds(50) }) { rig in
            let connection = try await RawPeer.connect(port: rig.port)
            try await connection.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            #expect(await connection.rest().hasPrefix("HTTP/1.1 200"))
        }
    }

    // MARK: Strangers

    @Test(
        arguments: [
            (2, [UInt8]("{}".utf8), true, 0, 1003), (1, [0x22, 0xFF, 0x22], true, 0, 1007),
            (3, [], true, 0, 1002), (1, [UInt8]("{}".utf8), false, 0, 1002), (1, [UInt8]("{}".utf8), true, 0x40, 1002),
            (0, [UInt8]("{}".utf8), true, 0, 1002), (9, [UInt8](repeating: 1, count: 126), true, 0, 1002),
        ] as [(UInt8, [UInt8], Bool, UInt8, UInt16)])
    func theRulesForFramesHoldBeforeAdmission(
        opcode: UInt8, payload: [UInt8], isMasked: Bool, reserved: UInt8, code: UInt16
    ) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            try await connection.send(payload, opcode: opcode, isMasked: isMasked, reserved: reserved)
            guard case .close(let closed, _) = try await connection.closing() else {
                Issue.record("The connection was not closed.")
                return
            }
            #expect(closed == code)
        }
    }

    @Test func aConnectInSmallFragmentsIsUnderstood() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            let bytes = ServerRig.connect().serialized(.compact)
            for index in bytes.indices {
                try await connection.send(
                    [bytes[index]], opcode: index == 0 ? 1 : 0, isFinal: index == bytes.count - 1)
            }
            #expect(try await connection.answer(to: "connect")?["ok"] == true)
        }
    }

    // MARK: Characters

    /// Fragments may be cut anywhere, so that only the whole message can be judged.
    @Test func aCharacterMayBeCutBetweenFragments() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            let request = ServerRig.request("é", "health").serialized(.compact)
            let cut = try #require(request.firstIndex(of: 0xC3)) + 1
            try await connection.send(Array(request[..<cut]), isFinal: false)
            try await connection.send(Array(request[cut...]), opcode: 0)
            #expect(try await connection.answer(to: "é")?["ok"] == true)
        }
    }

    @Test(arguments: [[0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80]] as [[UInt8]])
    func whatIsNoCharacterEndsTheConnection(bytes: [UInt8]) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            let quote = [UInt8(ascii: "\"")]
            try await connection.send(quote + bytes + quote)
            #expect(try await connection.closing() == .close(code: 1007, reason: "text is not UTF-8"))
        }
    }
}
