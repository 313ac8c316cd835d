import AlulaClient
import AlulaPrimitives
import AlulaProtocol
import Logging
import NIOPosix
import ServiceLifecycle
import Testing

@testable import AlulaServer

/// A server on a port of its own, for the length of one test.
struct ServerRig: Sendable {
    static let token = Secret("fake-token-for-tests")

    let server: GatewayServer
    let port: Int
    private let services: ServiceGroup

    /// Settings of a server that lets this machine in with ``token``.
    static var settings: ServerSettings {
        var settings = ServerSettings()
        settings.binding = .address("127.0.0.1")
        settings.port = 0
        settings.authentication = .token(token)
        settings.version = "9.9.9-test"
        return settings
    }

    /// Starts a server, runs `body` and stops the server again; it returns once the server has ended.
    static func run(
        _ settings: ServerSettings = ServerRig.settings, operations: FakeOperations = FakeOperations(),
        _ body: @Sendable @escaping (ServerRig) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = GatewayServer(
            settings: settings, operations: operations, group: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { Timestamp(milliseconds: 1_780_000_000_000) }
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: Running(server))], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let address = try #require(await server.listeningAddress)
            let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
            do {
                try await body(ServerRig(server: server, port: port, services: services))
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    /// A client that was let in.
    func client(token: Secret? = ServerRig.token, versions: ClosedRange<Int> = 3...4, scopes: [String]? = nil)
        async throws -> GatewayClient
    {
        var introduction = GatewayClient.Introduction(version: "1.0.0", token: token)
        introduction.versions = versions
        if let scopes { introduction.scopes = scopes }
        return try await GatewayClient.connect(
            to: GatewayAddress(host: "127.0.0.1", port: port), as: introduction, deadline: .after(.seconds(30)))
    }

    /// Begins to stop the server; its end is awaited by ``run(_:operations:_:)``.
    func stop() async { await services.triggerGracefulShutdown() }

    private struct Running: Service {
        let server: GatewayServer

        init(_ server: GatewayServer) { self.server = server }

        func run() async throws { try await server.run() }
    }
}

extension Deadline {
    /// Far enough away that only a hanging test meets it.
    static var generous: Deadline { .after(.seconds(30)) }
}
