import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaTestSupport
import Testing

@testable import AlulaServer

/// What clients are told, over real sockets.
@Suite(.timeLimit(.minutes(5)))
struct EventDeliveryTests {
    @Test func numbersEventsPerConnectionInVersionFour() async throws {
        try await ServerRig.run { rig in
            let first = try await rig.admitted()
            let second = try await rig.admitted()
            for _ in 0..<3 { rig.server.broadcast("models.auth.changed", payload: ["changes": []]) }
            for connection in [first, second] {
                for expected in 2...4 {
                    #expect(try await connection.event("models.auth.changed")?["seq"] == .number(expected))
                }
            }
        }
    }

    @Test func numbersEventsOverAllConnectionsInVersionThree() async throws {
        try await ServerRig.run { rig in
            let first = try await rig.admitted((3, 3))
            let second = try await rig.admitted((3, 3))
            for _ in 0..<3 { rig.server.broadcastHealth(FakeOperations.healthPayload) }
            for connection in [first, second] {
                var numbers: [Int64] = []
                for _ in 0..<3 { numbers.append(try #require(try await connection.event("health")?["seq"]?.integer)) }
                // No gap: what other connections receive takes no number away.
                #expect(numbers == [1, 2, 3])
            }
        }
    }

    @Test func countsTheVersionsOfHealth() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            var versions: [Int64] = []
            for _ in 0..<2 {
                rig.server.broadcastHealth(FakeOperations.healthPayload)
                let event = try #require(try await connection.event("health"))
                versions.append(try #require(event["stateVersion"]?["health"]?.integer))
            }
            #expect(versions[1] == versions[0] + 1)
        }
    }

    @Test func ticks() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            for _ in 0..<2 {
                await rig.clock.sleepers(atLeast: 2)
                rig.clock.advance(by: .seconds(30))
                #expect(try await connection.event("tick")?["payload"]?["ts"] == 1_000)
            }
        }
    }

    @Test func pingsAndGivesUpWhoNeverAnswers() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            for _ in 0..<4 {
                await rig.clock.sleepers(atLeast: 2)
                rig.clock.advance(by: .seconds(25))
                while try await connection.receive() != .ping {}
            }
            await rig.clock.sleepers(atLeast: 2)
            rig.clock.advance(by: .seconds(25))
            #expect(try await connection.closing() == .close(code: 1008, reason: "no answer to pings"))
        }
    }

    @Test func doesNotTakeAClientForDeadThatItDoesNotRead() async throws {
        try await ServerRig.run({ $0.limits.maximumRequestsInFlight = 1 }) { rig in
            let connection = try await rig.admitted()
            rig.operations.shutGate()
            try await connection.send(ServerRig.request("1", "status"))
            await rig.operations.statusEntered(1)
            // Its answers to these pings lie unread.
            for _ in 0..<6 {
                await rig.clock.sleepers(atLeast: 2)
                rig.clock.advance(by: .seconds(25))
                while try await connection.receive() != .ping {}
            }
            rig.operations.openGate()
            #expect(try await connection.answer(to: "1")?["ok"] == true)
        }
    }

    @Test func saysGoodbyeWhenItStops() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.admitted()
            let stranger = try await rig.challenged()
            await rig.stop()
            let event = try #require(try await client.event("shutdown"))
            #expect(event["payload"]?["reason"] == "gateway stopping")
            #expect(event["payload"]?["restartExpectedMs"] == .null)
            #expect(try await client.closing() == .close(code: 1012, reason: "service restart"))
            #expect(try await stranger.closing() == .close(code: 1012, reason: "service restart"))
        }
    }

    @Test func cutsOffWhatTakesTooLongToStop() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            await rig.stop()
            // The client never answers the goodbye and never hangs up.
            #expect(try await connection.event("shutdown") != nil)
            await rig.clock.sleepers(atLeast: 1)
            while rig.server.connectionCount > 0 {
                rig.clock.advance(by: .seconds(4))
                await Task.yield()
            }
            _ = await rig.ended()
        }
    }
}
