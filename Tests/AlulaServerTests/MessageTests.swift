import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import Testing

@testable import AlulaServer

/// What connections may send, over real sockets.
@Suite(.timeLimit(.minutes(5)))
struct MessageTests {
    @Test func answersEveryRequestWithARepeatedID() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            for _ in 0..<2 { try await connection.send(ServerRig.request("same", "health")) }
            for _ in 0..<2 { #expect(try await connection.answer(to: "same")?["ok"] == true) }
        }
    }

    @Test func answersWhatLiesReadyInTheOrderOfTheCalls() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            let ids = (0..<200).map { "call-\($0)" }
            for id in ids { try await connection.send(ServerRig.request(id, "system-presence")) }
            var answered: [String] = []
            while answered.count < ids.count, let message = try await connection.message() {
                guard message["type"] == "res", let id = message["id"]?.string else { continue }
                #expect(message["payload"]?.array?.isEmpty == false)
                answered.append(id)
            }
            #expect(answered == ids)
        }
    }

    @Test(arguments: [(65_536, true), (65_537, false), (66_500, false), (70_000, false), (300_000, false)])
    func measuresTheMessageBeforeAdmission(size: Int, isAccepted: Bool) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            let message = ServerRig.connect().serialized(.compact)
            try await connection.send(message + [UInt8](repeating: UInt8(ascii: " "), count: size - message.count))
            if isAccepted {
                #expect(try await connection.answer(to: "connect")?["ok"] == true)
            } else {
                #expect(try await connection.closing() == .close(code: 1009, reason: "preauth payload too large"))
            }
        }
    }

    @Test func measuresFragmentsTogetherBeforeAdmission() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            let part = [UInt8](repeating: UInt8(ascii: " "), count: 65_536 / 64)
            for number in 0..<64 {
                try await connection.send(part, opcode: number == 0 ? 1 : 0, isFinal: false)
            }
            try await connection.send([UInt8(ascii: " ")], opcode: 0)
            #expect(try await connection.closing() == .close(code: 1009, reason: "preauth payload too large"))
        }
    }

    @Test func takesALargeMessageAfterAdmissionAndRefusesATooLargeOne() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            let text = String(repeating: "x", count: 200_000)
            try await connection.send(ServerRig.request("long", "status", ["x": .string(text)]))
            try await connection.send(ServerRig.request("short", "health"))
            // The long one is decoded elsewhere, and answered first all the same.
            let first = try #require(try await connection.message())
            #expect(first["id"] == "long")
            #expect(first["error"]?["message"] == "invalid status params: at root: unexpected property 'x'")
            #expect(try await connection.message()?["id"] == "short")
            try await connection.send([], announced: 26_214_401)
            guard case .close(let code, _) = try await connection.closing() else {
                Issue.record("The connection was not closed.")
                return
            }
            #expect(code == 1009)
        }
    }

    @Test(
        arguments: [
            (2, [UInt8]("{}".utf8), true, 1003), (1, [0x22, 0xFF, 0x22], true, 1007), (3, [], true, 1002),
            (1, [UInt8]("{}".utf8), false, 1002), (0, [UInt8]("{}".utf8), true, 1002),
        ] as [(UInt8, [UInt8], Bool, UInt16)])
    func closesOnWhatBreaksTheRules(opcode: UInt8, payload: [UInt8], isMasked: Bool, code: UInt16) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            try await connection.send(payload, opcode: opcode, isMasked: isMasked)
            guard case .close(let closed, _) = try await connection.closing() else {
                Issue.record("The connection was not closed.")
                return
            }
            #expect(closed == code)
        }
    }

    @Test func putsFragmentsTogether() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            let bytes = ServerRig.request("f", "health").serialized(.compact)
            try await connection.send(Array(bytes[..<5]), isFinal: false)
            try await connection.send([1], opcode: 9)
            try await connection.send(Array(bytes[5..<9]), opcode: 0, isFinal: false)
            try await connection.send(Array(bytes[9...]), opcode: 0)
            #expect(try await connection.answer(to: "f")?["ok"] == true)
        }
    }

    @Test func ignoresWhatIsNotJSONAndNamesFaultyFrames() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            try await connection.send("nonsense")
            try await connection.send(String(repeating: "[", count: 100_000))
            try await connection.send(#"{"type":"req","id":"x"}"#)
            let message = try #require(try await connection.message())
            #expect(message["id"] == "x")
            #expect(
                message["error"]?["message"] == "invalid request frame: must have required property 'method'")
            try await connection.send("[]")
            #expect(try await connection.message()?["id"] == "invalid")
        }
    }

    @Test func runsABoundedNumberOfRequestsAndLosesNone() async throws {
        try await ServerRig.run({ $0.limits.maximumRequestsInFlight = 8 }) { rig in
            let connection = try await rig.admitted()
            rig.operations.shutGate()
            for number in 0..<500 { try await connection.send(ServerRig.request("\(number)", "status")) }
            // Another client is served meanwhile.
            let other = try await rig.admitted()
            try await other.send(ServerRig.request("other", "health"))
            #expect(try await other.answer(to: "other")?["ok"] == true)
            #expect(rig.operations.enteredStatus <= 8)
            rig.operations.openGate()
            var answered: Set<String> = []
            while answered.count < 500, let message = try await connection.message() {
                if let id = message["id"]?.string { answered.insert(id) }
            }
            #expect(answered.count == 500)
        }
    }

    @Test func closesASlowReader() async throws {
        try await ServerRig.run {
            $0.limits.maximumBuffered = ByteCount(bytes: 100_000)
            // It never reads the goodbye.
            $0.limits.closeGrace = .milliseconds(1)
        } _: { rig in
            let connection = try await rig.admitted()
            let other = try await rig.admitted()
            try await connection.stopReading()
            let text = JSONValue.string(String(repeating: "x", count: 1_000_000))
            while rig.server.connectionCount > 1 {
                rig.server.broadcast("models.auth.changed", payload: ["x": text])
                // The other reads along, which paces this loop.
                guard try await other.event("models.auth.changed") != nil else { break }
            }
            #expect(rig.server.connectionCount <= 1)
        }
    }

    @Test func forgetsAClientThatStopsSending() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            #expect(rig.server.connectionCount == 1)
            try await connection.close(.output)
            #expect(await connection.rest() == "")
            // The socket closes before its place is given up.
            while rig.server.connectionCount > 0 { await Task.yield() }
        }
    }
}
