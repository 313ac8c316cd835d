import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// What clients are told, over real sockets.
struct EventDeliveryTests {
    @Test func numbersEventsPerConnectionInVersionFour() async throws {
        try await LiveGateway.run { gateway in
            let first = try await gateway.admitted()
            let second = try await gateway.admitted()
            for _ in 0..<3 { gateway.server.broadcast("models.auth.changed", payload: ["changes": []]) }
            for connection in [first, second] {
                for expected in 2...4 {
                    #expect(try await connection.event("models.auth.changed")?["seq"] == .number(expected))
                }
            }
        }
    }

    @Test func numbersEventsOverAllConnectionsInVersionThree() async throws {
        try await LiveGateway.run { gateway in
            let first = try await gateway.admitted((3, 3))
            let second = try await gateway.admitted((3, 3))
            for _ in 0..<3 { gateway.server.broadcastHealth(LiveOperations.healthPayload) }
            for connection in [first, second] {
                var numbers: [Int64] = []
                for _ in 0..<3 { numbers.append(try #require(try await connection.event("health")?["seq"]?.integer)) }
                // No gap: what other connections receive takes no number away.
                #expect(numbers == [1, 2, 3])
            }
        }
    }

    @Test func countsTheVersionsOfHealth() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            var versions: [Int64] = []
            for _ in 0..<2 {
                gateway.server.broadcastHealth(LiveOperations.healthPayload)
                let event = try #require(try await connection.event("health"))
                versions.append(try #require(event["stateVersion"]?["health"]?.integer))
            }
            #expect(versions[1] == versions[0] + 1)
        }
    }

    @Test func ticks() async throws {
        try await LiveGateway.run({ $0.limits.tickInterval = .milliseconds(20) }) { gateway in
            let connection = try await gateway.admitted()
            #expect(try await connection.event("tick")?["payload"]?["ts"] == 1_000)
        }
    }

    @Test func pingsAndGivesUpWhoNeverAnswers() async throws {
        try await LiveGateway.run({ $0.limits.pingInterval = .milliseconds(20) }) { gateway in
            let connection = try await gateway.admitted()
            #expect(try await connection.receive() == .ping)
            #expect(try await connection.closing() == .close(code: 1008, reason: "no answer to pings"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func saysGoodbyeWhenItStops() async throws {
        try await LiveGateway.run { gateway in
            let client = try await gateway.admitted()
            let stranger = try await gateway.challenged()
            await gateway.stop()
            let event = try #require(try await client.event("shutdown"))
            #expect(event["payload"]?["reason"] == "gateway stopping")
            #expect(event["payload"]?["restartExpectedMs"] == .null)
            #expect(try await client.closing() == .close(code: 1012, reason: "service restart"))
            #expect(try await stranger.closing() == .close(code: 1012, reason: "service restart"))
        }
    }
}
