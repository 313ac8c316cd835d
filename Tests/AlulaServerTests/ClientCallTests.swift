import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// Our own client at a live server: how calls end, and what a client hears.
@Suite(.timeLimit(.minutes(1)))
struct ClientCallTests {
    private static func code(of body: () async throws -> JSONValue) async -> ClientError.Code? {
        let error = await #expect(throws: ClientError.self) { _ = try await body() }
        return error?.code
    }

    // MARK: How calls end

    @Test func aCallThatWaitsFailsWhenTheClientCloses() async throws {
        try await ServerRig.run { rig in
            rig.operations.shutGate()
            let client = try await rig.client()
            async let waiting = Self.code { try await client.call("status", deadline: .generous) }
            await client.close()
            #expect(await waiting == .closed)
            #expect(await Self.code { try await client.call("health", deadline: .generous) } == .closed)
        }
    }

    @Test func aCallThatWaitsFailsWhenTheGatewayStops() async throws {
        try await ServerRig.run { rig in
            rig.operations.shutGate()
            let client = try await rig.client()
            async let waiting = Self.code { try await client.call("status", deadline: .generous) }
            await rig.stop()
            #expect(await waiting == .closed)
        }
    }

    @Test func eventsEndWithTheConnection() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client()
            await rig.stop()
            var names: [String] = []
            for await event in client.events { names.append(event.name) }
            #expect(names.last == "shutdown")
            await client.close()
        }
    }

    @Test func aCallGivesUpAtItsDeadlineAndTheConnectionStays() async throws {
        try await ServerRig.run { rig in
            rig.operations.shutGate()
            let client = try await rig.client()
            #expect(
                await Self.code { try await client.call("status", deadline: .after(.milliseconds(1))) } == .timedOut)
            rig.operations.openGate()
            // The late answer belongs to nobody and disturbs nobody.
            #expect(try await client.call("health", deadline: .generous)["ok"] == true)
            await client.close()
        }
    }

    @Test func aCancelledCallSaysSo() async throws {
        try await ServerRig.run { rig in
            rig.operations.shutGate()
            let client = try await rig.client()
            let call = Task { try await client.call("status", deadline: .generous) }
            call.cancel()
            await #expect(throws: CancellationError.self) { _ = try await call.value }
            rig.operations.openGate()
            #expect(try await client.call("health", deadline: .generous)["ok"] == true)
            await client.close()
        }
    }

    // MARK: What a client hears

    @Test(arguments: [(3...3, 3), (4...4, 4), (3...4, 4), (4...9, 4)])
    func theHelloListsWhatIsServed(versions: ClosedRange<Int>, chosen: Int) async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client(versions: versions)
            #expect(client.hello["type"] == "hello-ok")
            #expect(client.hello["protocol"] == .number(chosen))
            let methods = client.hello["features"]?["methods"]?.array?.compactMap(\.string)
            #expect(methods == MethodTable.names)
            await client.close()
        }
    }

    @Test func onlyReadersHearOfChangedProviders() async throws {
        try await ServerRig.run { rig in
            let reader = try await rig.client(scopes: ["operator.read"])
            let other = try await rig.client(scopes: ["operator.approvals"])
            rig.server.broadcast("models.auth.changed", payload: ["changes": []])
            rig.server.broadcastHealth(["ok": true])
            #expect(await Self.next(3, of: reader).map(\.name) == ["health", "models.auth.changed", "health"])
            let heard = await Self.next(2, of: other)
            #expect(heard.map(\.name) == ["health", "health"])
            // What was not meant for a connection leaves no gap on it.
            #expect(heard.map(\.sequence) == [1, 2])
            await reader.close()
            await other.close()
        }
    }

    private static func next(_ count: Int, of client: GatewayClient) async -> [GatewayFrame.Event] {
        var events: [GatewayFrame.Event] = []
        for await event in client.events {
            events.append(event)
            if events.count == count { break }
        }
        return events
    }

    // MARK: Why a client stays out

    @Test func aRefusedSecretAndAnotherVersionHaveCodesOfTheirOwn() async throws {
        try await ServerRig.run { rig in
            let refused = await #expect(throws: ClientError.self) {
                _ = try await rig.client(token: "fake-wrong-token")
            }
            #expect(refused?.code == .unauthorized)
            let foreign = await #expect(throws: ClientError.self) { _ = try await rig.client(versions: 7...9) }
            #expect(foreign?.code == .protocolMismatch)
        }
    }
}
