import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import Logging
import NIOPosix
import ServiceLifecycle

@testable import AlulaClient
@testable import AlulaGateway

/// A server with a place for devices, for the length of one test.
struct DeviceRig: Sendable {
    static let secret = "fake-shared-secret"

    let bench: KeeperBench
    let desk: DeviceDesk
    let address: GatewayAddress
    /// Begins a graceful shutdown, as a signal would.
    let stop: @Sendable () async -> Void

    /// Starts a server on loopback, runs `body` and stops the server again.
    ///
    /// - Parameters:
    ///   - isRemote: Whether its clients count as coming from elsewhere.
    ///   - judge: Who judges devices in place of the desk itself.
    ///   - adjust: Changes the server's settings.
    static func run(
        isRemote: Bool, bench: KeeperBench, judge: (DeviceDesk) -> any DeviceAdmitting = { $0 },
        adjust: (inout ServerSettings) -> Void = { _ in },
        _ body: @Sendable @escaping (DeviceRig) async throws -> Void
    ) async throws {
        let operations = bench.operations()
        var settings = ServerSettings()
        settings.binding = .address("127.0.0.1")
        settings.port = 0
        settings.access.authentication = .token(Secret(secret))
        if isRemote {
            // A proxy speaks for somebody else, even on this machine.
            settings.access.trustedProxies = TrustedProxies(["127.0.0.1"])
            settings.access.failureLimit.exemptsLoopback = false
        }
        adjust(&settings)
        let now = bench.now
        let server = GatewayServer(
            settings: settings, operations: operations, devices: judge(operations.desk), pool: bench.pool,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { now }
        operations.desk.report(to: server)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: Running(server: server))],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let address = await server.listeningAddress ?? ""
            do {
                try await body(
                    DeviceRig(
                        bench: bench, desk: operations.desk, address: try GatewayAddress(url: "ws://\(address)"),
                        stop: { await services.triggerGracefulShutdown() }))
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private struct Running: Service {
        let server: GatewayServer

        func run() async throws { try await server.run() }
    }

    /// Opens a socket and reads the challenge.
    func open() async throws -> DeviceConversation { try await DeviceConversation(address, at: bench.now) }

    /// Opens a socket, says `connect`, and is let in.
    func admitted(_ device: FakeDevice, token: String? = nil, deviceToken: String? = nil) async throws
        -> (conversation: DeviceConversation, hello: JSONValue)
    {
        var conversation = try await open()
        let hello = try await conversation.connect(device, token: token, deviceToken: deviceToken)
        guard hello["ok"] == true, let payload = hello["payload"] else { throw NotAdmitted(answer: hello.text()) }
        return (conversation, payload)
    }

    /// Opens a socket, says `connect`, and is sent away with an error and a close.
    func refused(_ device: FakeDevice, token: String? = nil, deviceToken: String? = nil) async throws
        -> (error: JSONValue, close: CloseReason)
    {
        var conversation = try await open()
        let answer = try await conversation.connect(device, token: token, deviceToken: deviceToken)
        guard let error = answer["error"] else { throw NotAdmitted(answer: answer.text()) }
        return (error, try await conversation.closed())
    }

    private struct NotAdmitted: Error { let answer: String }
}

/// One socket of a device.
struct DeviceConversation {
    let nonce: String
    /// The whole frame of the first event.
    let challenge: JSONValue
    private let now: Timestamp
    private let channel: FrameChannel
    private var incoming: AsyncThrowingStream<FrameChannel.Incoming, any Error>.Iterator

    fileprivate init(_ address: GatewayAddress, at now: Timestamp) async throws {
        channel = try await FrameChannel.connect(address, timeout: .seconds(60))
        var incoming = channel.incoming.makeAsyncIterator()
        guard case .message(let bytes)? = try await incoming.next(isolation: #isolation),
            case let challenge = try JSONValue.parse(bytes), let nonce = challenge["payload"]?["nonce"]?.string
        else { throw Ended() }
        self.challenge = challenge
        self.nonce = nonce
        self.now = now
        self.incoming = incoming
    }

    /// Says `connect` and returns the answer.
    mutating func connect(_ device: FakeDevice, token: String? = nil, deviceToken: String? = nil) async throws
        -> JSONValue
    {
        try await call(
            "connect", try device.parameters(nonce: nonce, signedAt: now, token: token, deviceToken: deviceToken))
    }

    /// Calls a method and returns the whole answer; events before it are dropped.
    mutating func call(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        try await send(method, parameters)
        return try await answer()
    }

    /// The next answer; events before it are dropped.
    mutating func answer() async throws -> JSONValue {
        while true {
            let frame = try await frame()
            if frame["type"] == "res" { return frame }
        }
    }

    /// Sends a request and does not wait.
    func send(_ method: String, _ parameters: JSONValue = [:]) async throws {
        try await channel.send(
            GatewayFrame.request(.init(id: "1", method: method, parameters: parameters)).encoded)
    }

    /// The payload of the next event of this name; other frames are dropped.
    mutating func event(_ name: String) async throws -> JSONValue? { try await eventFrame(name)["payload"] }

    /// The next event of this name as a whole; other frames are dropped.
    mutating func eventFrame(_ name: String) async throws -> JSONValue {
        while true {
            let frame = try await frame()
            if frame["event"] == .string(name) { return frame }
        }
    }

    /// How the gateway ends the connection; frames before it are dropped.
    mutating func closed() async throws -> CloseReason {
        while let next = try await incoming.next(isolation: #isolation) {
            if case .closed(let code, let reason) = next { return CloseReason(code, reason) }
        }
        throw Ended()
    }

    private mutating func frame() async throws -> JSONValue {
        guard case .message(let bytes)? = try await incoming.next(isolation: #isolation) else { throw Ended() }
        return try JSONValue.parse(bytes)
    }

    private struct Ended: Error {}
}
