import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaPrimitives
import AlulaState
import Logging

/// Has helper programs asked for the secrets that somebody points at, and tells the scheduler which ones there are.
///
/// Nobody waits for it: until a helper has answered, what depends on it is unknown, and says so. A helper that failed is
/// asked again after half a minute, a minute and then every five minutes.
actor SecretHelperService {
    private static let pauses: [Duration] = [.seconds(30), .seconds(60), .seconds(300)]

    private let resolver: SecretResolver
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let requests: AsyncStream<String>
    private let request: AsyncStream<String>.Continuation

    private var answered: (@Sendable (String, Reading<SecretSourceFact>) async -> Void)?
    private var wanted: [String: Set<SecretReference>] = [:]
    private var state: LoadedState?
    private(set) var readings: [String: Reading<SecretSourceFact>] = [:]
    private var secrets: [SecretReference: Secret] = [:]
    private var failures: [String: Int] = [:]
    /// Those who wait for a run that has not begun yet.
    private var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]
    private var asking: Set<String> = []

    init(resolver: SecretResolver, clock: any Clock<Duration>, logger: Logger) {
        self.resolver = resolver
        self.clock = clock
        self.logger = logger
        (requests, request) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1024))
    }

    /// Who is told of each answer.
    func onAnswer(_ body: @escaping @Sendable (String, Reading<SecretSourceFact>) async -> Void) { answered = body }

    /// Asks for those of `references` that were not asked for yet.
    func want(_ references: Set<SecretReference>, in state: LoadedState) {
        let byAlias = Dictionary(grouping: references, by: \.provider).mapValues { Set($0) }
        let hasNewSettings = self.state.map { $0.context.secretProviders != state.context.secretProviders } ?? true
        self.state = state
        for (alias, references) in byAlias where hasNewSettings || wanted[alias] != references {
            wanted[alias] = references
            if readings[alias] == nil { readings[alias] = .pending }
            request.yield(alias)
        }
        for alias in wanted.keys where byAlias[alias] == nil {
            wanted[alias] = nil
            readings[alias] = nil
        }
    }

    /// Asks every helper again and returns when all have answered or failed. A run that was under way already does not count:
    /// whoever calls this has just mended what it may have tripped over.
    func askAgain() async {
        let aliases = wanted.keys
        failures = [:]
        await withDiscardingTaskGroup { group in
            for alias in aliases { group.addTask { await self.answer(of: alias) } }
        }
    }

    private func answer(of alias: String) async {
        await withCheckedContinuation { continuation in
            waiters[alias, default: []].append(continuation)
            request.yield(alias)
        }
    }

    /// Callers of ``askAgain()`` who wait for a run that has not begun yet.
    var waitingCount: Int { waiters.values.reduce(0) { $0 + $1.count } }

    /// Pointers that lead to nothing now.
    var unresolvedCount: Int { wanted.values.reduce(0) { $0 + $1.filter { secrets[$0] == nil }.count } }

    /// Serves requests until the surrounding task is cancelled. A hanging helper holds up nobody but itself.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await alias in requests {
                guard asking.insert(alias).inserted else { continue }
                group.addTask { await self.ask(alias) }
            }
        }
    }

    private func ask(_ alias: String) async {
        let served = waiters.removeValue(forKey: alias) ?? []
        guard let state, let references = wanted[alias] else { return finish(alias, asked: nil, served) }
        let resolver = resolver
        // Whoever stops does not wait for a helper that hangs.
        let answer = await Abandonable.value {
            await resolver.resolve(
                references, sources: SecretSources.sources(state.configuration.secrets, home: state.layout.home),
                variables: state.environment.variables.mapValues(\.value),
                environmentAlias: state.context.defaultEnvironmentAlias,
                limits: SecretSources.limits(state.configuration.secrets), retriesNow: true)
        }
        guard let resolved = answer else { return finish(alias, asked: nil, served) }
        for reference in references { secrets[reference] = resolved[reference] }
        let reading = resolved.readings[alias] ?? .absent
        readings[alias] = reading
        await answered?(alias, reading)
        let hasFailed =
            switch reading {
            case .failed, .timedOut: true
            case .pending, .absent, .found: false
            }
        finish(alias, asked: references, served)
        guard hasFailed else {
            failures[alias] = nil
            return
        }
        let count = failures[alias, default: 0]
        failures[alias] = count + 1
        if count == 0 {
            logger.warning("A secret helper did not answer; it is asked again later", metadata: ["alias": "\(alias)"])
        }
        do { try await clock.sleep(for: Self.pauses[min(count, Self.pauses.count - 1)]) } catch { return }
        if failures[alias] == count + 1 { request.yield(alias) }
    }

    private func finish(
        _ alias: String, asked: Set<SecretReference>?, _ served: [CheckedContinuation<Void, Never>]
    ) {
        asking.remove(alias)
        for waiter in served { waiter.resume() }
        // Somebody wanted more while the helper ran, or wanted to know anew.
        let wantsMore = asked.map { asked in wanted[alias].map { $0 != asked } ?? false } ?? false
        if wantsMore || waiters[alias] != nil { request.yield(alias) }
    }
}
