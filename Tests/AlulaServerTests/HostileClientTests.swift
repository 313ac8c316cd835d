import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import AlulaServer

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Clients that mean no good, or are broken: none gets in, none stays for ever, and the others don't notice.
@Suite(.timeLimit(.minutes(5)))
struct HostileClientTests {
    // MARK: Slow ones

    @Test(arguments: ["", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", "GET / HT", "\u{16}\u{3}\u{1}"])
    func aRequestThatIsNeverCompleteEndsTheConnection(beginning: String) async throws {
        try await ServerRig.run({ $0.http.firstRequestTimeout = .milliseconds(50) }) { rig in
            let connection = try await RawPeer.connect(port: rig.port)
            do {
                try await connection.write(beginning)
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

    @Test func aHandshakeThatNeverEndsIsEnded() async throws {
        try await ServerRig.run({ $0.limits.handshakeTimeout = .milliseconds(50) }) { rig in
            let connection = try await rig.challenged()
            // A frame that announces more than ever comes.
            try await connection.send([1, 2, 3], announced: 1000)
            #expect(try await connection.closing() == .close(code: 1008, reason: "handshake timeout"))
        }
    }

    @Test func aClientThatTakesNothingOfItsAnswerIsCutOff() throws {
        let channel = EmbeddedChannel(handler: WriteStallGuard(patience: .seconds(60)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        for isWritable in [false, true, false] {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
            channel.embeddedEventLoop.advanceTime(by: .seconds(59))
            #expect(channel.isActive)
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aSlowReaderMissesWhatMayBeMissedAndStays() async throws {
        try await ServerRig.run({ $0.limits.maximumBuffered = ByteCount(bytes: 100_000) }) { rig in
            let slow = try await rig.admitted()
            let other = try await rig.admitted()
            try await slow.stopReading()
            let long = JSONValue.string(String(repeating: "x", count: 1_000_000))
            // More than the systems at both ends keep for a socket.
            let count = 40
            for _ in 0..<count {
                rig.server.broadcast("models.auth.changed", payload: ["x": long], isDroppable: true)
                #expect(try await other.event("models.auth.changed") != nil)
            }
            #expect(rig.server.connectionCount == 2)
            try await slow.resumeReading()
            var received = 0
            var last: JSONValue?
            while last?["payload"]?["last"] == nil {
                // Until the slow one has caught up, it misses this as well.
                rig.server.broadcast("models.auth.changed", payload: ["last": true], isDroppable: true)
                last = try await slow.event("models.auth.changed")
                received += 1
            }
            #expect(received <= count)
            // What was missed has used up its number.
            #expect(try #require(last?["seq"]?.integer) > Int64(count))
            try await slow.send(ServerRig.request("1", "health"))
            #expect(try await slow.answer(to: "1")?["ok"] == true)
        }
    }

    // MARK: Many of them

    @Test func aThousandIdleSocketsKeepNobodyOut() async throws {
        Self.liftLimit()
        try await ServerRig.run { rig in
            var idle: [RawPeer] = []
            for number in 0..<1000 {
                let peer = try await RawPeer.connect(port: rig.port)
                if number % 2 == 0 { try await peer.write("GET / HTTP/1.1\r\n") }
                idle.append(peer)
            }
            let client = try await rig.admitted()
            try await client.send(ServerRig.request("1", "health"))
            #expect(try await client.answer(to: "1")?["ok"] == true)
            for peer in idle { try await peer.close() }
        }
    }

    /// Both ends of all sockets are in this process.
    private static func liftLimit() {
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 8192))
        _ = setrlimit(resource, &limit)
    }

    // MARK: Frames

    @Test func moreFragmentsThanAMessageMayHaveEndTheConnection() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            try await connection.send([UInt8(ascii: "{")], isFinal: false)
            let fragment = RawPeer.frame([UInt8(ascii: " ")], opcode: 0, isFinal: false)
            try await connection.write([[UInt8]](repeating: fragment, count: 5000).flatMap(\.self))
            #expect(try await connection.closing() == .close(code: 1009, reason: "payload too large"))
        }
    }

    @Test(arguments: [(100_000, true), (100_001, false)])
    func aMessageIsMeasuredToTheByte(size: Int, isAccepted: Bool) async throws {
        try await ServerRig.run({ $0.limits.maximumMessage = ByteCount(bytes: 100_000) }) { rig in
            let connection = try await rig.admitted()
            let request = ServerRig.request("1", "health").serialized(.compact)
            try await connection.send(request + [UInt8](repeating: UInt8(ascii: " "), count: size - request.count))
            if isAccepted {
                #expect(try await connection.answer(to: "1")?["ok"] == true)
            } else {
                #expect(try await connection.closing() == .close(code: 1009, reason: "payload too large"))
            }
        }
    }

    @Test func fragmentsCountTogether() async throws {
        try await ServerRig.run({ $0.limits.maximumMessage = ByteCount(bytes: 100_000) }) { rig in
            let connection = try await rig.admitted()
            let part = [UInt8](repeating: UInt8(ascii: " "), count: 60_000)
            try await connection.send(part, isFinal: false)
            try await connection.send(part, opcode: 0)
            #expect(try await connection.closing() == .close(code: 1009, reason: "payload too large"))
        }
    }

    @Test(
        arguments: [
            // A control message in fragments, or a long one.
            (9, [], false, 0), (9, [UInt8](repeating: 1, count: 126), true, 0),
            (8, [UInt8](repeating: 1, count: 126), true, 0),
            // Bits of extensions that nobody agreed on, such as compression.
            (1, [UInt8]("{}".utf8), true, 0x40), (1, [UInt8]("{}".utf8), true, 0x20),
            (1, [UInt8]("{}".utf8), true, 0x10),
            // A kind of frame that does not exist.
            (11, [], true, 0),
        ] as [(UInt8, [UInt8], Bool, UInt8)])
    func framesThatBreakTheProtocolEndTheConnection(
        opcode: UInt8, payload: [UInt8], isFinal: Bool, reserved: UInt8
    ) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            try await connection.send(payload, opcode: opcode, isFinal: isFinal, reserved: reserved)
            guard case .close(1002, _) = try await connection.closing() else {
                Issue.record("The connection was not closed as it should be.")
                return
            }
        }
    }

    @Test func aMessageThatBeginsInsideAnotherEndsTheConnection() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            try await connection.send([UInt8(ascii: "{")], isFinal: false)
            try await connection.send([UInt8]("{}".utf8))
            #expect(
                try await connection.closing() == .close(code: 1002, reason: "websocket protocol error"))
        }
    }

    @Test func deepParametersAreRefusedAndTheConnectionStays() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            for depth in [100, 126, 127, 128, 1000, 100_000] {
                let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                try await connection.send(
                    #"{"type":"req","id":"\#(depth)","method":"health","params":{"x":\#(nested)}}"#)
            }
            try await connection.send(ServerRig.request("last", "agents.list"))
            var answered: [String?] = []
            while answered.last != "last", let message = try await connection.message() {
                answered.append(message["id"]?.string)
            }
            #expect(Set(answered) == ["100", "126", "last"])
        }
    }

    // MARK: HTTP

    @Test(arguments: [
        (100, 0, 0, 404), (101, 0, 0, 400), (3, 30_000, 0, 404), (3, 33_000, 0, 400), (3, 0, 2_000_000, 404),
        (3, 0, 2_000_001, 413),
    ])
    func requestsAreMeasured(fields: Int, longField: Int, body: Int, status: Int) async throws {
        try await ServerRig.run { rig in
            var lines = ["POST /nothing HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Content-Length: \(body)"]
            lines += (0..<max(0, fields - 3)).map { "X-\($0): 1" }
            if longField > 0 { lines.append("X-Long: " + String(repeating: "x", count: longField)) }
            let connection = try await RawPeer.connect(port: rig.port)
            try await connection.write(lines.joined(separator: "\r\n") + "\r\n\r\n")
            do { try await connection.write(String(repeating: "x", count: body)) } catch is ChannelError {
                // It was refused before it was read.
            } catch is IOError {
                // The same, seen by the system.
            }
            #expect(await connection.rest().hasPrefix("HTTP/1.1 \(status)"))
        }
    }

    // MARK: Noise

    @Test func noiseHarmsNobody() async throws {
        var noise = SeededNoise(seed: 0xA1)
        try await ServerRig.run { rig in
            let steady = try await rig.admitted()
            for round in 0..<60 {
                let peer: RawPeer =
                    switch round % 3 {
                    case 0: try await RawPeer.connect(port: rig.port)
                    case 1: try await rig.challenged()
                    default: try await rig.admitted()
                    }
                do {
                    try await peer.write(noise.bytes(Int.random(in: 1...2000, using: &noise)))
                    try await peer.close()
                } catch is ChannelError {
                    // It has been cut off already.
                } catch is IOError {
                    // The same, seen by the system.
                }
            }
            try await steady.send(ServerRig.request("after", "health"))
            #expect(try await steady.answer(to: "after")?["ok"] == true)
        }
    }

    /// The same noise in every run.
    private struct SeededNoise: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }

        mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
    }
}
