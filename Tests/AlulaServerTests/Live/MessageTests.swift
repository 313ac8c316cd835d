import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import Testing

@testable import AlulaServer

/// What connections may send, over real sockets.
struct MessageTests {
    @Test func answersMethodsAndRefusesOthers() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            let cases: [(String, JSONValue, String, String)] = [
                ("nosuch.method", [:], "INVALID_REQUEST", "unknown method: nosuch.method"),
                ("chat.send", [:], "UNAVAILABLE", "chat.send is not served by this gateway yet"),
                (
                    "models.list", ["x": 1], "INVALID_REQUEST",
                    "invalid models.list params: at root: unexpected property 'x'"
                ),
                ("models.authLogout", [:], "INVALID_REQUEST", "provider is required"),
                ("node.event", [:], "INVALID_REQUEST", "unauthorized role: operator"),
                ("models.authLogout", ["provider": "p"], "UNAVAILABLE", "The store is busy; try again."),
            ]
            for (method, parameters, code, message) in cases {
                try await connection.send(LiveGateway.request(method, method, parameters))
                let error = try #require(try await connection.answer(to: method)?["error"])
                #expect(error["code"]?.string == code)
                #expect(error["message"]?.string == message)
            }
            try await connection.send(LiveGateway.request("1", "models.status", ["agentId": "work"]))
            #expect(try await connection.answer(to: "1")?["payload"]?["agent"] == "work")
        }
    }

    @Test func answersEveryRequestWithARepeatedID() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            for _ in 0..<2 { try await connection.send(LiveGateway.request("same", "health")) }
            for _ in 0..<2 { #expect(try await connection.answer(to: "same")?["ok"] == true) }
        }
    }

    @Test func refusesALargeMessageBeforeAdmission() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.challenged()
            try await connection.send([UInt8](repeating: UInt8(ascii: " "), count: 70_000))
            #expect(try await connection.closing() == .close(code: 1009, reason: "preauth payload too large"))
        }
    }

    @Test func takesALargeMessageAfterAdmissionAndRefusesATooLargeOne() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            let text = String(repeating: "x", count: 2_000_000)
            try await connection.send(LiveGateway.request("long", "status", ["x": .string(text)]))
            try await connection.send(LiveGateway.request("short", "health"))
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

    @Test(arguments: [(UInt8(2), [UInt8]("{}".utf8), UInt16(1003)), (1, [0x22, 0xFF, 0x22], 1007), (3, [], 1002)])
    func closesOnWhatIsNoText(opcode: UInt8, payload: [UInt8], code: UInt16) async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            try await connection.send(payload, opcode: opcode)
            guard case .close(let closed, _) = try await connection.closing() else {
                Issue.record("The connection was not closed.")
                return
            }
            #expect(closed == code)
        }
    }

    @Test func putsFragmentsTogether() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            let bytes = LiveGateway.request("f", "health").serialized(.compact)
            try await connection.send(Array(bytes[..<5]), isFinal: false)
            try await connection.send([1], opcode: 9)
            try await connection.send(Array(bytes[5..<9]), opcode: 0, isFinal: false)
            try await connection.send(Array(bytes[9...]), opcode: 0)
            #expect(try await connection.answer(to: "f")?["ok"] == true)
        }
    }

    @Test func ignoresWhatIsNotJSONAndNamesFaultyFrames() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
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
        try await LiveGateway.run({ $0.limits.maximumRequestsInFlight = 8 }) { gateway in
            let connection = try await gateway.admitted()
            gateway.operations.shutGate()
            for number in 0..<500 { try await connection.send(LiveGateway.request("\(number)", "status")) }
            // Another client is served meanwhile.
            let other = try await gateway.admitted()
            try await other.send(LiveGateway.request("other", "health"))
            #expect(try await other.answer(to: "other")?["ok"] == true)
            #expect(gateway.operations.enteredStatus <= 8)
            gateway.operations.openGate()
            var answered: Set<String> = []
            while answered.count < 500, let message = try await connection.message() {
                if let id = message["id"]?.string { answered.insert(id) }
            }
            #expect(answered.count == 500)
        }
    }

    @Test func closesASlowReader() async throws {
        try await LiveGateway.run({ $0.limits.maximumBuffered = ByteCount(bytes: 100_000) }) { gateway in
            let connection = try await gateway.admitted()
            let other = try await gateway.admitted()
            try await connection.stopReading()
            let text = JSONValue.string(String(repeating: "x", count: 1_000_000))
            while gateway.server.connectionCount > 1 {
                gateway.server.broadcast("models.auth.changed", payload: ["x": text])
                // The other reads along, which paces this loop.
                guard try await other.event("models.auth.changed") != nil else { break }
            }
            #expect(gateway.server.connectionCount <= 1)
        }
    }

    @Test(.timeLimit(.minutes(1))) func forgetsAClientThatStopsSending() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            #expect(gateway.server.connectionCount == 1)
            try await connection.close(.output)
            #expect(await connection.rest() == "")
            // The socket closes before its place is given up.
            while gateway.server.connectionCount > 0 { await Task.yield() }
        }
    }
}
