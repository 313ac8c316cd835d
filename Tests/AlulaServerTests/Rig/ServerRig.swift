import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import AlulaTestSupport
import Logging
import NIOPosix
import ServiceLifecycle
import Testing

@testable import AlulaServer

/// A server on a port of its own, for as long as a test runs.
///
/// Its ticks and pings wait for ``clock``, and its other limits of time are so long that a busy machine does not
/// reach them; a test that is about one shortens it.
struct ServerRig {
    static let secret = "fake-token-for-tests"

    let server: GatewayServer
    let operations: FakeOperations
    let keys: FakeKeys
    let clock: ManualClock
    let log: LogRecord
    let port: Int
    /// Begins a graceful shutdown, as a signal would.
    let stop: @Sendable () async -> Void
    /// How the server ended, once it has.
    let ended: @Sendable () async -> Result<Void, any Error>

    private struct ServerService: Service {
        let server: GatewayServer
        func run() async throws { try await server.run() }
    }

    static func run(
        _ adjust: (inout ServerSettings) -> Void = { _ in }, _ body: (ServerRig) async throws -> Void
    ) async throws {
        var settings = ServerSettings()
        settings.port = 0
        settings.access.authentication = .token(Secret(secret))
        settings.version = "1.2.3"
        settings.limits.handshakeTimeout = .seconds(600)
        settings.limits.closeGrace = .seconds(60)
        settings.http.firstRequestTimeout = .seconds(600)
        settings.http.idleTimeout = .seconds(600)
        adjust(&settings)
        let (operations, keys, clock, log) = (FakeOperations(), FakeKeys(), ManualClock(), LogRecord())
        let logger = Logger(label: "test") { _ in log }
        let server = GatewayServer(
            settings: settings, operations: operations, keys: keys, pool: BlockingPool(),
            group: MultiThreadedEventLoopGroup.singleton, logger: logger, clock: clock,
            now: { Timestamp(milliseconds: 1_000) })
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: ServerService(server: server))], logger: logger))
        let running = Task { try await group.run() }
        let address = try #require(await server.listeningAddress)
        let port = try #require(Int(address.split(separator: ":").last ?? ""))
        let rig = ServerRig(
            server: server, operations: operations, keys: keys, clock: clock, log: log, port: port,
            stop: { await group.triggerGracefulShutdown() }, ended: { await running.result })
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
        operations.openGate()
        // Connections that a test leaves open are cut off.
        running.cancel()
        _ = await running.result
        try outcome.get()
    }

    // MARK: Clients

    /// A request frame.
    static func request(_ id: String, _ method: String, _ parameters: JSONValue = [:]) -> JSONValue {
        ["type": "req", "id": .string(id), "method": .string(method), "params": parameters]
    }

    /// `connect` with the right secret.
    static func connect(
        _ versions: (Int, Int) = (4, 4), token: String? = secret, role: String = "operator", scopes: [String] = [],
        client: (id: String, mode: String) = ("cli", "cli")
    ) -> JSONValue {
        var parameters = JSONObject()
        parameters["minProtocol"] = .number(versions.0)
        parameters["maxProtocol"] = .number(versions.1)
        parameters["client"] = [
            "id": .string(client.id), "version": "1", "platform": "linux", "mode": .string(client.mode),
        ]
        parameters["role"] = .string(role)
        parameters["scopes"] = .array(scopes.map { .string($0) })
        parameters["auth"] = token.map { ["token": .string($0)] }
        return request("connect", "connect", .object(parameters))
    }

    /// A socket past its challenge.
    func challenged(_ headers: [String] = []) async throws -> RawPeer {
        let connection = try await RawPeer.webSocket(port: port, headers: headers)
        let challenge = try #require(try await connection.message())
        #expect(challenge["event"] == "connect.challenge")
        return connection
    }

    /// A client that is in, past its hello and the event `health`.
    func admitted(
        _ versions: (Int, Int) = (4, 4), headers: [String] = [], scopes: [String] = []
    ) async throws -> RawPeer {
        let connection = try await challenged(headers)
        try await connection.send(Self.connect(versions, scopes: scopes))
        let hello = try #require(try await connection.answer(to: "connect"))
        #expect(hello["ok"] == true)
        #expect(try await connection.event("health") != nil)
        return connection
    }

    /// Our own client.
    func client(
        token: String? = secret, scopes: [String]? = nil, versions: ClosedRange<Int> = 3...4
    ) async throws -> GatewayClient {
        var introduction = GatewayClient.Introduction(version: "1.0.0", token: token.map { Secret($0) })
        introduction.versions = versions
        if let scopes { introduction.scopes = scopes }
        return try await GatewayClient.connect(
            to: GatewayAddress(host: "127.0.0.1", port: port), as: introduction, deadline: .generous)
    }
}

extension Deadline {
    /// Far enough away that only a hanging test meets it.
    static var generous: Deadline { .after(.seconds(60)) }
}
