import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Logging
import NIOPosix
import ServiceLifecycle
import Testing

@testable import AlulaServer

/// A server on a port of its own, for as long as a test runs.
struct LiveGateway {
    static let secret = "fake-token-for-tests"

    let server: GatewayServer
    let operations: LiveOperations
    let port: Int
    /// Begins a graceful shutdown, as a signal would.
    let stop: @Sendable () async -> Void

    private struct ServerService: Service {
        let server: GatewayServer
        func run() async throws { try await server.run() }
    }

    static func run(
        _ adjust: (inout ServerSettings) -> Void = { _ in }, _ body: (LiveGateway) async throws -> Void
    ) async throws {
        var settings = ServerSettings()
        settings.port = 0
        settings.authentication = .token(Secret(secret))
        settings.version = "1.2.3"
        settings.limits.closeGrace = .milliseconds(200)
        adjust(&settings)
        let operations = LiveOperations()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = GatewayServer(
            settings: settings, operations: operations, group: MultiThreadedEventLoopGroup.singleton, logger: logger,
            now: { Timestamp(milliseconds: 1_000) })
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: ServerService(server: server))], logger: logger))
        let running = Task { try await group.run() }
        let address = try #require(await server.listeningAddress)
        let port = try #require(Int(address.split(separator: ":").last ?? ""))
        let gateway = LiveGateway(server: server, operations: operations, port: port) {
            await group.triggerGracefulShutdown()
        }
        do {
            try await body(gateway)
        } catch {
            operations.openGate()
            running.cancel()
            _ = await running.result
            throw error
        }
        operations.openGate()
        running.cancel()
        _ = await running.result
    }

    /// A request frame.
    static func request(_ id: String, _ method: String, _ parameters: JSONValue = [:]) -> JSONValue {
        ["type": "req", "id": .string(id), "method": .string(method), "params": parameters]
    }

    /// `connect` with the right secret.
    static func connect(_ versions: (Int, Int) = (4, 4), token: String? = secret, role: String = "operator")
        -> JSONValue
    {
        var parameters = JSONObject()
        parameters["minProtocol"] = .number(versions.0)
        parameters["maxProtocol"] = .number(versions.1)
        parameters["client"] = ["id": "cli", "version": "1", "platform": "linux", "mode": "cli"]
        parameters["role"] = .string(role)
        parameters["auth"] = token.map { ["token": .string($0)] }
        return request("connect", "connect", .object(parameters))
    }

    /// A socket past its challenge.
    func challenged(_ headers: [String] = []) async throws -> RawConnection {
        let connection = try await RawConnection.webSocket(port: port, headers: headers)
        let challenge = try #require(try await connection.message())
        #expect(challenge["event"] == "connect.challenge")
        return connection
    }

    /// A client that is in, past its hello and the event `health`.
    func admitted(_ versions: (Int, Int) = (4, 4)) async throws -> RawConnection {
        let connection = try await challenged()
        try await connection.send(Self.connect(versions))
        let hello = try #require(try await connection.answer(to: "connect"))
        #expect(hello["ok"] == true)
        #expect(try await connection.event("health") != nil)
        return connection
    }
}
