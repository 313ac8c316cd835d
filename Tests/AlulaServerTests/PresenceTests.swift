import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaTestSupport
import Testing

@testable import AlulaServer

/// Who is there, over real sockets.
@Suite(.timeLimit(.minutes(5)))
struct PresenceTests {
    private static func page(_ rig: ServerRig, scopes: [String] = ["operator.read"]) async throws -> (
        RawPeer, JSONValue
    ) {
        let connection = try await rig.challenged()
        try await connection.send(ServerRig.connect(scopes: scopes, client: ("openclaw-tui", "ui")))
        let hello = try #require(try await connection.answer(to: "connect"))
        return (connection, try #require(hello["payload"]))
    }

    private static func names(_ entries: JSONValue?) -> [String?] {
        entries?.array?.map { entry in entry["mode"]?.string.map { "\($0) \(entry["reason"]?.string ?? "")" } } ?? []
    }

    @Test func aHelloShowsWhoIsThere() async throws {
        try await ServerRig.run { rig in
            let (_, first) = try await Self.page(rig)
            #expect(Self.names(first["snapshot"]?["presence"]) == ["gateway self", "ui connect"])
            // Whoever may not read learns of the gateway alone; programs that come and go are not listed.
            let (_, stranger) = try await Self.page(rig, scopes: ["operator.pairing"])
            #expect(Self.names(stranger["snapshot"]?["presence"]) == ["gateway self"])
            let program = try await rig.admitted()
            try await program.send(ServerRig.request("1", "system-presence"))
            let list = try await program.answer(to: "1")?["payload"]
            #expect(Self.names(list) == ["gateway self", "ui connect", "ui connect"])
        }
    }

    @Test func othersAreToldWhenSomebodyLeaves() async throws {
        try await ServerRig.run { rig in
            let (leaving, before) = try await Self.page(rig)
            let reader = try await rig.admitted(scopes: ["operator.read"])
            let stranger = try await rig.admitted(scopes: ["operator.pairing"])
            try await leaving.close()
            let event = try #require(try await reader.event("presence"))
            #expect(Self.names(event["payload"]?["presence"]) == ["gateway self", "ui disconnect"])
            let version = try #require(before["snapshot"]?["stateVersion"]?["presence"]?.integer)
            #expect(event["stateVersion"]?["presence"] == .number(version + 1))
            rig.server.broadcast("tick", payload: ["ts": 7])
            #expect(try await stranger.message()?["event"] == "tick")
        }
    }

    @Test func manyChangesAtOnceAreToldOnce() async throws {
        try await ServerRig.run { rig in
            let reader = try await rig.admitted()
            try await reader.send(ServerRig.request("1", "system-event", ["text": "first"]))
            #expect(try await reader.event("presence") != nil)
            for number in 2...9 {
                try await reader.send(
                    ServerRig.request("\(number)", "system-event", ["text": "more", "instanceId": "i"]))
                #expect(try await reader.answer(to: "\(number)")?["ok"] == true)
            }
            // Ticks, pings and the pause between two events.
            await rig.clock.sleepers(atLeast: 3)
            rig.clock.advance(by: .milliseconds(250))
            #expect(try await reader.message()?["payload"]?["presence"]?.array?.count == 3)
            await rig.clock.sleepers(atLeast: 3)
            rig.clock.advance(by: .seconds(20))
            try await reader.send(ServerRig.request("last", "health"))
            #expect(try await reader.message()?["id"] == "last")
        }
    }
}
