import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// Our own client at a live server: how calls end, and what a client hears.
@Suite(.timeLimit(.minutes(1)))
struct ClientCallTests {
    private static let patience = Duration.seconds(30)

    private static func client(
        _ gateway: LiveGateway, scopes: [String]? = nil, versions: ClosedRange<Int> = 3...4
    ) async throws -> GatewayClient {
        var introduction = GatewayClient.Introduction(version: "1.0.0", token: Secret(LiveGateway.secret))
        introduction.versions = versions
        if let scopes { introduction.scopes = scopes }
        return try await GatewayClient.connect(
            to: GatewayAddress(host: "127.0.0.1", port: gateway.port), as: introduction, deadline: .after(patience))
    }

    private static func code(of body: () async throws -> JSONValue) async -> ClientError.Code? {
        let error = await #expect(throws: ClientError.self) { _ = try await body() }
        return error?.code
    }

    // MARK: How calls end

    @Test func aCallThatWaitsFailsWhenTheClientCloses() async throws {
        try await LiveGateway.run { gateway in
            gateway.operations.shutGate()
            let client = try await Self.client(gateway)
            async let waiting = Self.code { try await client.call("status", deadline: .after(Self.patience)) }
            await client.close()
            #expect(await waiting == .closed)
            #expect(await Self.code { try await client.call("health", deadline: .after(Self.patience)) } == .closed)
        }
    }

    @Test func aCallThatWaitsFailsWhenTheGatewayStops() async throws {
        try await LiveGateway.run { gateway in
            gateway.operations.shutGate()
            let client = try await Self.client(gateway)
            async let waiting = Self.code { try await client.call("status", deadline: .after(Self.patience)) }
            await gateway.stop()
            #expect(await waiting == .closed)
        }
    }

    @Test func eventsEndWithTheConnection() async throws {
        try await LiveGateway.run { gateway in
            let client = try await Self.client(gateway)
            await gateway.stop()
            var names: [String] = []
            for await event in client.events { names.append(event.name) }
            #expect(names.last == "shutdown")
            await client.close()
        }
    }

    @Test func aCallGivesUpAtItsDeadlineAndTheConnectionStays() async throws {
        try await LiveGateway.run { gateway in
            gateway.operations.shutGate()
            let client = try await Self.client(gateway)
            #expect(
                await Self.code { try await client.call("status", deadline: .after(.milliseconds(1))) } == .timedOut)
            gateway.operations.openGate()
            // The late answer belongs to nobody and disturbs nobody.
            #expect(try await client.call("health", deadline: .after(Self.patience))["ok"] == true)
            await client.close()
        }
    }

    @Test func aCancelledCallSaysSo() async throws {
        try await LiveGateway.run { gateway in
            gateway.operations.shutGate()
            let client = try await Self.client(gateway)
            let call = Task { try await client.call("status", deadline: .after(Self.patience)) }
            call.cancel()
            await #expect(throws: CancellationError.self) { _ = try await call.value }
            gateway.operations.openGate()
            #expect(try await client.call("health", deadline: .after(Self.patience))["ok"] == true)
            await client.close()
        }
    }

    // MARK: What a client hears

    @Test(arguments: [(3...3, 3), (4...4, 4), (3...4, 4), (4...9, 4)])
    func theHelloListsWhatIsServed(versions: ClosedRange<Int>, chosen: Int) async throws {
        try await LiveGateway.run { gateway in
            let client = try await Self.client(gateway, versions: versions)
            #expect(client.hello["type"] == "hello-ok")
            #expect(client.hello["protocol"] == .number(chosen))
            let methods = client.hello["features"]?["methods"]?.array?.compactMap(\.string)
            #expect(methods == MethodTable.methods.map(\.name).sorted())
            await client.close()
        }
    }

    @Test func onlyReadersHearOfChangedProviders() async throws {
        try await LiveGateway.run { gateway in
            let reader = try await Self.client(gateway, scopes: ["operator.read"])
            let other = try await Self.client(gateway, scopes: ["operator.approvals"])
            gateway.server.broadcast("models.auth.changed", payload: ["changes": []])
            gateway.server.broadcastHealth(["ok": true])
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

    // MARK: Calls that are not served

    @Test func theEleventhCallOfAnotherRolesMethodEndsTheConnection() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            for number in 1...11 { try await connection.send(LiveGateway.request("\(number)", "node.event")) }
            for number in 1...10 {
                let answer = try await connection.answer(to: "\(number)")
                #expect(answer?["error"]?["message"] == "unauthorized role: operator")
            }
            #expect(
                try await connection.closing() == .close(code: 1008, reason: "repeated unauthorized calls"))
        }
    }

    @Test func endlessNestingIsIgnoredAndHarmsNobody() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            try await connection.send(
                #"{"type":"req","id":"deep","method":"health","params":"# + String(repeating: "[", count: 100_000))
            try await connection.send(LiveGateway.request("after", "health"))
            let answer = try await connection.message()
            #expect(answer?["id"] == "after")
        }
    }

    @Test func fragmentsMakeOneMessage() async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.admitted()
            let bytes = LiveGateway.request("f", "health").serialized(.compact)
            try await connection.send(Array(bytes[..<5]), isFinal: false)
            try await connection.send(Array(bytes[5...]), opcode: 0)
            let answer = try await connection.answer(to: "f")
            #expect(answer?["ok"] == true)
        }
    }
}
