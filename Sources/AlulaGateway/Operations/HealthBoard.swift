import AlulaAuth
import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Synchronization

/// Holds what `health` and `status` say, ready to be sent: a thousand clients that connect at once get the same contents.
///
/// They grow with the number of agents, so they are made on the blocking pool and never where a client is served.
final class HealthBoard: Sendable {
    /// How old the contents may be although nothing has changed; their figures about time move on.
    static let maximumAge = Duration.milliseconds(500)
    /// How long making them may take before the last ones are shown instead.
    private static let makingDeadline = Duration.seconds(5)

    struct Contents: Sendable {
        let health: JSONValue
        /// ``health`` as it is sent to each client that connects.
        let encodedHealth: [UInt8]
        let status: JSONValue
    }

    /// What the contents are made from. Equal keys mean equal contents.
    private struct Key: Equatable {
        var generation: UInt64?
        var isStale: Bool?
        var loadedAt: Timestamp
        var isUnreadable: Bool
        var staleParts: [String]
        var warm: WarmStatus
    }

    private struct Held {
        var key: Key
        var madeAt: ContinuousClock.Instant
        var contents: Contents
    }

    private struct State {
        var held: Held?
        var running: Task<Contents, Never>?
        /// Begins when ``running`` ends; who asks meanwhile shares it.
        var next: Task<Contents, Never>?
    }

    /// This program's.
    let version: String
    private let states: LoadedStateSource
    private let prepared: PreparedAuthSource
    private let warm: WarmStatusSource
    private let pool: BlockingPool
    private let now: @Sendable () -> Timestamp
    /// How the threads keep time; `nil` before the first interval has passed.
    private let responsiveness: @Sendable () -> JSONValue?
    /// Parts of the gateway that could not follow the configuration.
    private let staleParts: @Sendable () -> [String]
    private let state = Mutex(State())

    init(
        version: String, states: LoadedStateSource, prepared: PreparedAuthSource, warm: WarmStatusSource,
        pool: BlockingPool, now: @escaping @Sendable () -> Timestamp,
        responsiveness: @escaping @Sendable () -> JSONValue?, staleParts: @escaping @Sendable () -> [String] = { [] }
    ) {
        self.version = version
        self.states = states
        self.prepared = prepared
        self.warm = warm
        self.pool = pool
        self.now = now
        self.responsiveness = responsiveness
        self.staleParts = staleParts
    }

    /// The newest contents there are, at once. Where they no longer hold, fresh ones are made for the next who asks.
    var latest: Contents {
        let (held, isBusy) = state.withLock { ($0.held, $0.running != nil || $0.next != nil) }
        guard let held else { return contents() }
        if !holds(held), !isBusy { _ = making() }
        return held.contents
    }

    /// Contents that hold now, without making any.
    var ready: Contents? {
        guard let held = state.withLock({ $0.held }), holds(held) else { return nil }
        return held.contents
    }

    /// Contents that were true after this was called.
    func current() async -> Contents {
        if let ready { return ready }
        return await making().value
    }

    private func holds(_ held: Held) -> Bool {
        held.key == key && held.madeAt.duration(to: .now) < Self.maximumAge
    }

    private var key: Key {
        let (state, snapshot) = (states.current, prepared.current)
        return Key(
            generation: snapshot?.generation, isStale: snapshot?.isStale, loadedAt: state.loadedAt,
            isUnreadable: state.isUnreadable, staleParts: staleParts(), warm: warm.current)
    }

    /// A making that has not begun yet. At most one runs and one waits, however many ask.
    private func making() -> Task<Contents, Never> {
        state.withLock { state in
            if let next = state.next { return next }
            let before = state.running
            // Held in `next`, then in `running`; it ends with the pool's deadline.
            let task = Task {
                _ = await before?.value
                return await self.make()
            }
            state.next = task
            return task
        }
    }

    private func make() async -> Contents {
        state.withLock { state in
            state.running = state.next
            state.next = nil
        }
        let (key, began) = (key, ContinuousClock.now)
        var made: Contents?
        do {
            made = try await pool.run("health", deadline: .after(Self.makingDeadline)) { self.contents() }
        } catch {
            // The pool is full or stands still: what was true a moment ago is better than nothing.
        }
        return state.withLock { state in
            state.running = nil
            if let made { state.held = Held(key: key, madeAt: began, contents: made) }
            return made ?? state.held?.contents
        } ?? contents()
    }

    private func contents() -> Contents {
        let began = ContinuousClock.now
        let state = states.current
        let staleParts = staleParts()
        var reload = JSONObject()
        reload["hotReloadStatus"] = state.isUnreadable || !staleParts.isEmpty ? "degraded" : "ok"
        reload["problems"] = .number(state.problems.filter { $0.severity == .error }.count)
        if !staleParts.isEmpty { reload["staleParts"] = .array(staleParts.map { .string($0) }) }
        var additions = JSONObject()
        additions["configReload"] = .object(reload)
        var health = AnswerBook.health(
            state: state, prepared: prepared.current, now: now(), warm: warm.current, eventLoop: responsiveness(),
            version: version, additions: additions)
        health.duration = began.duration(to: .now)
        let value = health.health
        return Contents(health: value, encodedHealth: value.serialized(.compact), status: health.status)
    }
}
