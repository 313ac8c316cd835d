import AlulaAuth
import AlulaCredentials
import AlulaPrimitives
import AlulaProviders
import AlulaServer
import AlulaState
import AlulaSystem
import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The live parts of one gateway, and the order in which they start and stop.
struct GatewayParts: Sendable {
    let request: GatewayRequest
    let accessHint: String
    /// By which clients know the certificate, if the port is encrypted.
    let fingerprint: String?
    let server: GatewayServer
    let scheduler: WarmScheduler
    let keeper: StateKeeper
    let reloading: PartKeeper
    let helpers: SecretHelperService
    let recorder: ProfileUsageRecorder
    let usage: UsageRecorder
    let sampler: ResponsivenessSampler
    let writer: SnapshotWriter
    let watcher: FileWatcher?
    let prepared: PreparedAuthSource
    let metrics: GatewayMetrics
    let upstream: UpstreamClient
    let renewals: LoginRenewals
    let pool: BlockingPool
    let logger: Logger

    /// Runs until a signal stops it. Services start in this order and stop in reverse, the server first.
    func run() async throws {
        let services = [
            Part { await sampler.run() },
            Part { await helpers.run() },
            Part { await reloading.run() },
            Part { await recorder.run() },
            Part { await usage.run() },
            Part {
                await writer.run { error in
                    metrics.snapshotNotSaved()
                    logger.warning("The snapshot could not be saved", metadata: [LogKey.errorCause: "\(error)"])
                }
            },
            Part {
                await keeper.start()
                await askShell()
                await keeper.run()
            },
            Part(.stopsItself) { try await serve() },
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                .init(
                    service: service,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        configuration.maximumCancellationDuration = .seconds(2)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Serves until the group stops, and tells meanwhile where it is reached.
    private func serve() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await announce() }
            defer { group.cancelAll() }
            try await server.run()
        }
    }

    private func askShell() async {
        let state = keeper.source.current
        guard ShellImport.isWanted(state, variables: request.variables) else { return }
        let variables = await ShellImport.variables(from: request.variables, pool: pool, settings: state)
        if !variables.isEmpty { await keeper.shellAnswered(variables) }
    }

    /// Tells whoever started the gateway where it is and what it can use, as soon as that is known.
    private func announce() async {
        guard let address = await server.listeningAddress else { return }
        await leaveWord(fingerprint.map { "wss://\(address)/#sha256=\($0)" } ?? "ws://\(address)")
        let scheme = fingerprint == nil ? "http" : "https"
        request.announce(
            "Alula \(request.version) listens on \(scheme)://\(address) (WebSocket and HTTP); \(accessHint).")
        if let fingerprint { request.announce("Its certificate's SHA-256 fingerprint is \(fingerprint).") }
        await scheduler.firstWarm()
        guard let prepared = prepared.current else { return }
        request.announce(StartBanner.text(prepared, now: SystemTime.now))
    }

    /// Commands on this machine find the gateway by it; without, they try the configured port.
    private func leaveWord(_ url: String) async {
        let path = request.layout.address
        do {
            try await pool.run("leave word of the address", deadline: .after(.seconds(5))) {
                try GatewayAddressFile.write(url, processID: getpid(), to: path)
            }
        } catch {
            logger.warning(
                "The address could not be written down; commands try the configured port",
                metadata: [LogKey.errorCause: "\(error)"])
        }
    }

    /// One part as a service.
    private struct Part: Service {
        /// How a part ends when the group stops.
        enum Ending {
            /// It is cancelled.
            case isCancelled
            /// It has a way to stop in good order.
            case stopsItself
        }

        let ending: Ending
        let body: @Sendable () async throws -> Void

        init(_ ending: Ending = .isCancelled, _ body: @escaping @Sendable () async throws -> Void) {
            self.ending = ending
            self.body = body
        }

        func run() async throws {
            guard ending != .stopsItself else { return try await body() }
            try await cancelWhenGracefulShutdown { try await body() }
        }
    }
}
