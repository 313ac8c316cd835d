import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaDiagnostics
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders
import AlulaServer
import AlulaState
import AlulaSystem
import AlulaWarmWorker
import Crypto
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Builds the live parts, introduces them to each other and runs them as one service group.
package enum Gateway {
    /// How long to wait for an earlier gateway that is about to end.
    private static let lockPatience = Duration.seconds(5)
    /// How long a stop waits for a login that is being renewed.
    private static let renewalPatience = Duration.seconds(3)

    /// Runs until a signal stops it.
    ///
    /// - Throws: ``GatewayStartError``.
    package static func run(_ request: GatewayRequest) async throws {
        let startedAt = ContinuousClock.now
        FileLimit.raise()
        let pool = BlockingPool()
        defer { pool.shutdown() }
        let loader = StateLoader(
            layout: request.layout, variables: request.variables, currentDirectory: request.currentDirectory)
        let initial = try await load(loader, pool)
        let log = try makeLog(request, initial)
        let logger = log.logger

        let lock = try await acquireLock(request, pool, logger)
        defer { BlockingContext.permit { lock.release() } }
        let parts = try await assemble(
            request, loader: loader, initial: initial, pool: pool, log: log, startedAt: startedAt)
        var failure: (any Error)?
        do { try await parts.run() } catch { failure = error }
        // A token that a provider has taken gets to the disk, within what a stop may take.
        await parts.renewals.drain(for: renewalPatience)
        await parts.upstream.shutdown()
        await parts.recorder.drain()
        await parts.usage.drain()
        await parts.scheduler.stop()
        parts.watcher?.stop()
        // A helper that hangs does not outlive the gateway.
        ChildProcess.killAll()
        BlockingContext.permit { log.flush(for: .seconds(1)) }
        if let failure, !(failure is CancellationError) { throw startError(failure) }
    }

    // MARK: Steps

    private static func load(_ loader: StateLoader, _ pool: BlockingPool) async throws -> LoadedState {
        let state = try await pool.run("load configuration", deadline: .after(StateKeeper.loadDeadline)) {
            loader.load()
        }
        if state.isUnreadable {
            let places = state.problems.map(\.description).joined(separator: "\n")
            throw GatewayStartError(
                .configurationUnreadable,
                "The configuration can't be read, so the gateway does not start:\n\(places)\nMend the file, then try again; alula config validate checks it."
            )
        }
        if state.configuration.gateway.mode == .remote {
            throw GatewayStartError(
                .configurationRefused,
                "gateway.mode is remote, so this machine uses another gateway. Set it to local to run one here.")
        }
        return state
    }

    /// Says what a person can do about the end of the server.
    private static func startError(_ error: any Error) -> GatewayStartError {
        if let error = error as? IOError {
            let isTaken = error.errnoCode == EADDRINUSE
            return GatewayStartError(
                .portUnavailable,
                isTaken
                    ? "The port is in use by another program. Stop that one, or choose another with --port."
                    : "The port can't be opened: \(error.description).", underlying: error)
        }
        return GatewayStartError(.ended, "The gateway ended by itself: \(type(of: error)).", underlying: error)
    }

    private static func makeLog(_ request: GatewayRequest, _ state: LoadedState) throws -> GatewayLog {
        let settings = state.configuration.logging
        return try GatewayLog(
            settings: settings,
            place: LogFilePlace(settings: settings, layout: request.layout, variables: request.variables),
            sources: GatewayLog.Sources(
                now: { SystemTime.now }, utcOffset: { SystemTime.utcOffset(at: $0) }, descriptor: 2,
                levelOverride: request.logLevel ?? request.variables["ALULA_LOG_LEVEL"]
                    ?? request.variables["OPENCLAW_LOG_LEVEL"]))
    }

    private static func acquireLock(
        _ request: GatewayRequest, _ pool: BlockingPool, _ logger: Logger
    ) async throws -> GatewayLock {
        let claim = GatewayLock.Claim(
            request.layout, temporary: GatewayLock.temporaryDirectory(request.variables),
            sharesConfiguration: request.variables["OPENCLAW_ALLOW_MULTI_GATEWAY"] == "1",
            digest: { Array(SHA256.hash(data: $0)) })
        do {
            let lock = try await pool.run("lock the state directory", deadline: .after(lockPatience + .seconds(5))) {
                try GatewayLock.acquire(claim, deadline: .after(lockPatience))
            }
            if let problem = lock.problem {
                logger.warning(
                    "The reference's own lock could not be made; ours is held",
                    metadata: [LogKey.errorCause: "\(problem.message)"])
            }
            return lock
        } catch let error as StateError {
            throw GatewayStartError(
                error.code == .gatewayRunning ? .alreadyRunning : .stateUnusable, error.message, underlying: error)
        }
    }

    private static func assemble(
        _ request: GatewayRequest, loader: StateLoader, initial: LoadedState, pool: BlockingPool, log: GatewayLog,
        startedAt: ContinuousClock.Instant
    ) async throws -> GatewayParts {
        let logger = log.logger
        // First what may refuse, before anything is started.
        let access = try await CallerAccess(state: initial, request: request, pool: pool).resolve()
        var settings = try serverSettings(request, initial.configuration.gateway, access.authentication)
        let now: @Sendable () -> Timestamp = { SystemTime.now }
        if initial.configuration.gateway.tls.isEnabled {
            let certificate = ServerCertificate(
                settings: initial.configuration.gateway.tls, layout: request.layout, hostName: hostName, now: now())
            settings.tls = try await pool.run("load the certificate", deadline: .after(.seconds(10))) {
                try certificate.load()
            }
        }
        let clock = ContinuousClock()
        let group = MultiThreadedEventLoopGroup.singleton
        let metrics = GatewayMetrics()
        let sampler = ResponsivenessSampler(
            loops: Array(group.makeIterator()), logger: logger, now: now,
            ticked: { metrics.threadWasLate($0) },
            work: {
                let pool = pool.statistics
                return LivenessReporter.Work(
                    active: pool.busy, waiting: pool.stuck, queued: pool.queued,
                    labels: WorkRegister.snapshot().map { "\($0.label)" })
            })

        let snapshots = SnapshotStore(path: request.layout.snapshot)
        let restored = try await pool.run("load the snapshot", deadline: .after(.seconds(10))) {
            snapshots.load(context: initial.context, environment: initial.environmentFact, now: now())
        }
        let prepared = PreparedAuthSource()
        let journal = WarmJournal(logger: logger)
        let ownReading = BlockingPoolGatherer(pool: pool, reader: CredentialReaders.facts)
        let gatherer = FallbackGatherer(
            worker: WarmWorkerClient(), substitute: ownReading,
            onSubstitution: { error in
                metrics.workerFellBack()
                logger.warning(
                    "The warm worker could not be started; facts are gathered in the gateway",
                    metadata: [LogKey.errorCode: "\(error.code.rawValue)"])
            })
        let scheduler = WarmScheduler(
            source: prepared, gatherer: gatherer, observer: journal, offloading: PoolComputing(pool: pool),
            clock: clock, now: now, jitter: { Double.random(in: 0..<1) }, restored: restored)

        let watcher: FileWatcher?
        do {
            watcher = try FileWatcher()
        } catch {
            watcher = nil
            logger.error("Files can't be watched", metadata: [LogKey.errorCause: "\(error)"])
        }
        let helpers = SecretHelperService(
            resolver: SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool)), clock: clock, logger: logger)
        let reloading = PartKeeper(logger: logger)
        let desk = DeviceDesk(files: DeviceFiles(request.layout), pool: pool, logger: logger, now: now)
        let keys = APIKeyDesk(file: APIKeyFile(request.layout), pool: pool, logger: logger, now: now)
        let keeper = StateKeeper(
            loader: loader, initial: initial, pool: pool, scheduler: scheduler, watcher: watcher, helpers: helpers,
            clock: clock, logger: logger, replaced: { reloading.configurationChanged($1, to: $0) },
            hasRead: { metrics.configurationRead($0) },
            devicesChanged: { await desk.look() }, apiKeysChanged: { await keys.look() })
        // A key that is good must not be called wrong in the first moments.
        await keys.look()
        await keys.recall(from: request.layout.usage)
        await helpers.onAnswer { alias, reading in
            await scheduler.helperAnswered(alias: alias, reading, trigger: .secrets)
        }

        let board = HealthBoard(
            version: request.version, states: keeper.source, prepared: prepared, warm: scheduler.statusSource,
            pool: pool, now: now, responsiveness: { sampler.payload }, staleParts: { reloading.staleParts })
        // So that the first client finds it made.
        _ = await board.current()
        let editor = StoreEditor(
            layout: request.layout, pool: pool,
            isReadOnly: CredentialStoreWriter.isReadOnly { initial.environment[$0]?.exposed }, now: now)
        let recorder = ProfileUsageRecorder(
            editor: editor, scheduler: scheduler, prepared: prepared, states: keeper.source, clock: clock,
            logger: logger)
        let usage = UsageRecorder(
            store: UsageStore(request.layout.usage), pool: pool, clock: clock, logger: logger)
        let proxies = ProxyRules { initial.environment[$0] }
        for variable in proxies.unusableVariables {
            logger.warning("A proxy can't be used", metadata: ["variable": "\(variable)"])
        }
        let upstream = UpstreamClient(group: group, proxies: proxies)
        let renewalJournal = RenewalJournal(scheduler: scheduler, logger: logger)
        let renewals = LoginRenewals(
            LoginRenewals.Parts(
                pool: pool, endpoint: HTTPTokenEndpoint(client: upstream), files: RenewalFiles(request.layout),
                isReadOnly: CredentialStoreWriter.isReadOnly { initial.environment[$0]?.exposed },
                databases: CredentialReaders.databases, clock: clock, now: now,
                random: { Double.random(in: 0...1) }, ended: { await renewalJournal.take($0) }))
        let callWork = PoolComputing(pool: pool, label: "write or read a call", limit: .seconds(30))
        let logins = LoginReader(
            states: keeper.source, profiles: ProfileSecretReader(pool: pool, databases: CredentialReaders.databases),
            renewals: renewals,
            passes: PassDesk(
                passes: LoginPasses(
                    now: now, random: { Double.random(in: 0...1) }, told: { await renewalJournal.take($0) }),
                endpoint: HTTPPassEndpoint(client: upstream, offloading: callWork),
                entry: PassDesk.entry(version: request.version) { initial.environment[$0]?.exposed }),
            resolver: SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool)))
        let evaluators = EvaluatorSource(states: keeper.source, prepared: prepared)
        let quotaTable = QuotaTable.inForce { initial.environment[$0]?.exposed }
        if quotaTable == nil {
            logger.warning(
                "No server but one on this machine may play providers; no quotas are asked for",
                metadata: ["variable": "\(LocalServer.variable)"])
        }
        let operations = LiveOperations(
            startedAt: startedAt, prepared: prepared, states: keeper.source,
            scheduler: scheduler, keeper: keeper,
            logins: editor,
            // Not through the worker: who waits for this answer would wait for a broken one as well.
            desk: desk, fallback: FallbackAnswers(gatherer: ownReading, pool: pool, now: now),
            inference: InferenceDesk(
                driver: FailoverDriver(
                    providers: SpokenAPIs.providers(
                        client: upstream, logins: logins, offloading: callWork, clock: clock),
                    evaluators: evaluators,
                    recorder: recorder,
                    book: UsageBook(
                        now: now, catalog: { [source = keeper.source] in source.edition.state.catalog },
                        take: { record, isListed in
                            metrics.requestEnded(record, isListed: isListed)
                            usage.take(record)
                            keys.take(record)
                        }),
                    probes: SharedProbes(), pins: SessionPins(), now: now, stalls: { sampler.stalls.total },
                    logger: logger)),
            use: UsageDesk(
                path: request.layout.usage, pool: pool, now: now, utcOffset: { SystemTime.utcOffset(at: $0) },
                flush: { await usage.flush() }),
            quotas: QuotaDesk(
                QuotaDesk.Parts(
                    states: keeper.source, evaluators: evaluators, table: quotaTable ?? QuotaTable([]),
                    endpoint: HTTPQuotaEndpoint(
                        client: upstream, logins: logins.ofAccounts, offloading: callWork), now: now,
                    logger: logger)),
            logs: log.tail(pool: pool), board: board, now: now,
            responsiveness: { sampler.payload },
            metrics: { await metrics.text(askingPool: pool) })
        let server = GatewayServer(
            settings: settings, operations: operations, devices: desk, keys: keys, observer: metrics, pool: pool,
            group: group,
            logger: logger,
            now: now)
        desk.report(to: server)
        metrics.introduce(
            MetricSources(
                version: request.version, startedAt: now(), now: now, warm: scheduler.statusSource,
                prepared: prepared, pool: pool, sampler: sampler, states: keeper.source, reloading: reloading,
                log: log, server: server, usage: usage))
        reloading.introduce([
            .logging(log, request), .access(server, request, binding: settings.binding, pool: pool),
        ])

        let writer = SnapshotWriter(store: snapshots, pool: pool, clock: clock)
        journal.introduce(
            WarmJournal.Listeners(
                measureBegins: { sampler.openWindow() }, measureEnds: { sampler.closeWindow() },
                published: { answer, changes in
                    metrics.published(changes: changes.count)
                    writer.keep(answer)
                    if !changes.isEmpty {
                        let time = now()
                        server.broadcast(
                            AuthChangedEvent.name,
                            payload: AuthChangedEvent.payload(changes, generation: answer.generation, at: time))
                        server.broadcastHealth(await board.current().health)
                    }
                    await keeper.published(answer)
                },
                ended: { metrics.warmEnded($0) }))
        return GatewayParts(
            request: request, accessHint: access.hint,
            fingerprint: settings.tls.map { ServerCertificate.fingerprint(of: $0) }, server: server,
            scheduler: scheduler, keeper: keeper, reloading: reloading, helpers: helpers, recorder: recorder,
            usage: usage,
            sampler: sampler,
            writer: writer, watcher: watcher, prepared: prepared, metrics: metrics, upstream: upstream,
            renewals: renewals, pool: pool, logger: logger)
    }

    /// What this machine calls itself.
    private static var hostName: String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0, name[0] != 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func serverSettings(
        _ request: GatewayRequest, _ gateway: GatewaySettings, _ authentication: CallerAuthentication
    ) throws -> ServerSettings {
        var bind = gateway.bind
        var customHost = gateway.customBindHost
        if let text = request.bind {
            if let named = GatewaySettings.Bind(rawValue: text) {
                bind = named
            } else {
                // An address says what a custom binding would.
                bind = .custom
                customHost = text
            }
        }
        var settings = ServerSettings()
        settings.binding = try ListenAddress.binding(bind, customHost: customHost)
        settings.port = request.port ?? gateway.port
        settings.access = AccessSettings(gateway, authentication)
        settings.strictTransportSecurity = gateway.http.strictTransportSecurity
        settings.models.offersChatCompletions = gateway.http.offersChatCompletions
        settings.models.offersResponses = gateway.http.offersResponses
        settings.models.maximumResponsesBody = gateway.http.maximumResponsesBody
        settings.models.maximumBody = gateway.http.maximumChatCompletionsBody
        settings.version = request.version
        settings.hostName = hostName ?? settings.hostName
        if let milliseconds = request.variables["OPENCLAW_HANDSHAKE_TIMEOUT_MS"].flatMap({ Int64($0) }),
            milliseconds > 0
        {
            settings.limits.handshakeTimeout = .milliseconds(milliseconds)
        }
        if let count = request.variables["OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP"].flatMap({ Int($0) }), count > 0 {
            settings.maximumUnauthenticatedPerAddress = count
        }
        if let refusal = BindPolicy.refusal(binding: settings.binding, authentication: authentication) {
            throw GatewayStartError(.configurationRefused, refusal)
        }
        return settings
    }
}
