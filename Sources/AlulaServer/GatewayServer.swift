package import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol
package import AlulaSystem
import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves WebSocket and HTTP on one port.
package final class GatewayServer: Sendable {
    let core: ServerCore
    /// Between two events about presence.
    private static let presenceInterval = Duration.milliseconds(250)

    private let group: any EventLoopGroup
    private let clock: any Clock<Duration>

    private struct Address {
        var value: String?
        var hasEnded = false
        var waiters: [CheckedContinuation<String?, Never>] = []
    }

    private let address = Mutex(Address())

    /// - Parameters:
    ///   - devices: Judges clients that come with a device; without, they are told to try again.
    ///   - keys: Knows the API keys that open the model APIs; without, only the gateway's own secret does.
    ///   - observer: Counts what the server does.
    ///   - pool: For bodies and answers that are large.
    ///   - clock: Times ticks, pings and the end.
    ///   - now: The wall clock.
    package init(
        settings: ServerSettings, operations: any GatewayOperations, devices: any DeviceAdmitting = NoDevices(),
        keys: any APIKeyAdmitting = NoAPIKeys(), observer: any ServerObserving = NoServerObserver(), pool: BlockingPool,
        group: any EventLoopGroup,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Timestamp
    ) {
        self.group = group
        self.clock = clock
        let broadcaster = EventBroadcaster()
        let gateway = PresenceEntry(
            host: settings.hostName, version: settings.version, platform: settings.platform, mode: "gateway",
            reason: "self", at: now())
        core = ServerCore(
            settings: settings, operations: operations, devices: devices, keys: keys, broadcaster: broadcaster,
            presence: PresenceBoard(gateway: gateway, broadcaster: broadcaster, now: now),
            observer: observer, pool: pool, logger: logger, now: now)
    }

    /// Where callers on this machine reach the gateway, such as `127.0.0.1:18789`; it waits until the gateway listens, and
    /// is `nil` when it ended before.
    package var listeningAddress: String? {
        get async {
            await withCheckedContinuation { continuation in
                let (isKnown, value) = address.withLock { state in
                    let isKnown = state.value != nil || state.hasEnded
                    if !isKnown { state.waiters.append(continuation) }
                    return (isKnown, state.value)
                }
                if isKnown { continuation.resume(returning: value) }
            }
        }
    }

    /// Clients that are let in now.
    package var connectionCount: Int { core.broadcaster.count }

    /// Connections at this moment, in whatever state.
    package var connections: ConnectionCounts { core.connections }

    /// Judges new connections by `access` from now on. When the shared secret is another one, those that came in by the old
    /// one are ended once their calls are answered.
    package func adopt(_ access: AccessSettings) { core.adopt(access) }

    /// Sends an event to everybody who may see it.
    ///
    /// - Parameter isDroppable: Whether a client that reads slowly may miss it.
    package func broadcast(_ event: String, payload: JSONValue, isDroppable: Bool = false) {
        core.broadcaster.broadcast(event, payload: payload, isDroppable: isDroppable)
    }

    /// Ends the connections whose access rests on `device`, all of them or those of one role.
    package func withdraw(_ device: DeviceID, role: String?, reason: CloseReason) {
        core.broadcaster.withdraw(device, role: role, reason: reason)
    }

    /// Sends `health` to everybody, as a new version of it.
    package func broadcastHealth(_ payload: JSONValue) {
        core.broadcaster.broadcast("health", payload: payload, of: .health)
    }

    /// What has ended while the server runs.
    private enum End {
        case firstListener
        case otherListener
        case timer
        case patience
    }

    /// Listens until the group stops: clients are told, connections are closed, and what takes longer than
    /// ``ServerSettings/stopDeadline`` is cut off.
    package func run() async throws {
        let (first, others) = addresses
        let (limits, broadcaster) = (core.settings.limits, core.broadcaster)
        let port = AsyncStream<Int>.makeStream()
        defer { ended() }
        try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                await self.every(limits.tickInterval) {
                    broadcaster.broadcast("tick", payload: ["ts": .number(self.core.now().milliseconds)])
                }
                return .timer
            }
            group.addTask {
                await self.every(limits.pingInterval) { broadcaster.pingAll() }
                return .timer
            }
            group.addTask { await self.tellPresence() }
            group.addTask { await self.patience() }
            group.addTask { await self.endAnswers() }
            group.addTask {
                try await self.listen(on: first, port: self.core.settings.port) { port.continuation.yield($0) }
                // Without the first address nobody waits for its port any more.
                port.continuation.finish()
                return .firstListener
            }
            for host in others {
                group.addTask {
                    await self.listen(on: host, after: port.stream)
                    return .otherListener
                }
            }
            var listeners = 1 + others.count
            while listeners > 0, let end = try await group.next() {
                switch end {
                case .firstListener:
                    listeners -= 1
                    // It is the gateway; when it ends by surprise, so do the others.
                    if !Task.isShuttingDownGracefully { group.cancelAll() }
                case .otherListener: listeners -= 1
                case .patience: group.cancelAll()
                case .timer: break
                }
            }
            group.cancelAll()
        }
    }

    /// Tells who is there when that has changed, but not for each of a thousand clients that leave at once.
    private func tellPresence() async -> End {
        await cancelWhenGracefulShutdown {
            for await _ in self.core.presence.changes {
                self.core.presence.tell()
                do { try await self.clock.sleep(for: Self.presenceInterval) } catch { return }
            }
        }
        return .timer
    }

    /// Returns when stopping has taken too long, or the server has ended.
    private func patience() async -> End {
        do {
            try await gracefulShutdown()
            try await clock.sleep(for: core.settings.stopDeadline)
            return .patience
        } catch {
            return .timer
        }
    }

    /// Lets answers under way go on for a moment once the server stops, then has their callers told.
    private func endAnswers() async -> End {
        do {
            try await gracefulShutdown()
            try await clock.sleep(for: core.settings.models.stopGrace)
        } catch {
            // What stops at once ends them all the same.
        }
        core.answers.stop()
        return .timer
    }

    /// Opens a further address on the port that the first one got. A machine without it is no error.
    private func listen(on host: String, after ports: AsyncStream<Int>) async {
        for await port in ports {
            do { try await listen(on: host, port: port) { _ in } } catch {
                core.logger.debug("Another address can't be opened", metadata: ["host": "\(host)"])
            }
            return
        }
    }

    /// The address that matters, and those that are opened as well if they can be.
    private var addresses: (first: String, others: [String]) {
        switch core.settings.binding {
        case .loopback: ("127.0.0.1", ["::1"])
        case .address("127.0.0.1"): ("127.0.0.1", [])
        case .address(let host): (host, ["127.0.0.1"])
        case .everywhere: ("0.0.0.0", [])
        }
    }

    private func listen(on host: String, port: Int, opened: @escaping @Sendable (Int) -> Void) async throws {
        let core = core
        let application = Application(
            responder: TransientResponder(
                base: HTTPRoutes(core: core).router().buildResponder(), executors: core.executors),
            server: HTTPServerBuilder { responder in UpgradableHTTP1Channel(responder: responder, core: core) },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil, backlog: 1024, reuseAddress: true),
            onServerRunning: { channel in
                let bound = channel.localAddress?.port ?? port
                opened(bound)
                self.listens(on: host, port: bound)
            },
            eventLoopGroupProvider: .shared(group), logger: core.logger.quieter)
        try await application.run()
        // The library waits for HTTP only.
        await core.sockets.drain()
    }

    private func listens(on host: String, port: Int) {
        guard host != "::1" else { return }
        let reachable = host == "0.0.0.0" ? "127.0.0.1" : host
        let waiters = address.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<String?, Never>]() }
            state.value = "\(reachable):\(port)"
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: "\(reachable):\(port)") }
    }

    private func ended() {
        let waiters = address.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: nil) }
    }

    /// Does something again and again until the gateway stops.
    private func every(_ interval: Duration, _ body: @escaping @Sendable () -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await self.clock.sleep(for: interval) } catch { return }
                body()
            }
        }
    }
}

extension Logger {
    /// The server library tells more than an operator wants to know.
    fileprivate var quieter: Logger {
        var logger = self
        logger.logLevel = max(logLevel, .warning)
        return logger
    }
}
