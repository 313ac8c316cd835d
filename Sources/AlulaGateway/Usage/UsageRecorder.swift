import AlulaInference
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Logging
import Synchronization

/// Takes records of requests down behind their answers: what comes within a moment is written together.
///
/// Whatever is wrong with the disk or the database costs records and nothing else. What can't be written is kept and tried
/// again; once the queue is full, what comes is lost, which is counted and told once.
actor UsageRecorder {
    /// How long records gather before they are written.
    static let gathering = Duration.milliseconds(500)
    /// Pauses before a database that refused is tried again.
    static let retryPauses: [Duration] = [.seconds(1), .seconds(5), .seconds(30)]
    /// Records that wait, at most; about 200 bytes each.
    static let maximumWaiting = 8192
    private static let maximumBatch = 1024
    /// A disk that takes longer is tried again later, and does not hold up a gateway that stops.
    private static let writeDeadline = Duration.seconds(2)

    private struct Queue {
        var records: [UsageRecord] = []
        var lost: UInt64 = 0
        var written: UInt64 = 0
    }

    private let store: UsageStore
    private let pool: BlockingPool
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let queue = Mutex(Queue())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// What is being written, until it is.
    private var batch: UsageBatch?
    private var turn: Task<Void, Never>?
    private var failures = 0

    init(store: UsageStore, pool: BlockingPool, clock: any Clock<Duration>, logger: Logger) {
        self.store = store
        self.pool = pool
        self.clock = clock
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Records that were written and lost since the start.
    nonisolated var counts: (written: UInt64, lost: UInt64) { queue.withLock { ($0.written, $0.lost) } }

    /// Never waits.
    nonisolated func take(_ record: UsageRecord) {
        queue.withLock { queue in
            if queue.records.count < Self.maximumWaiting { queue.records.append(record) } else { queue.lost += 1 }
        }
        signal.yield()
    }

    /// Writes until the surrounding task is cancelled.
    func run() async {
        for await _ in signals {
            do { try await clock.sleep(for: Self.gathering) } catch { return }
            await flush()
            while failures > 0 {
                let pause = Self.retryPauses[min(failures, Self.retryPauses.count) - 1]
                do { try await clock.sleep(for: pause) } catch { return }
                await flush()
            }
        }
    }

    /// Writes what waits now, for whoever is about to read.
    func flush() async {
        // Each turn ends itself, so that whoever waits for it finds it gone.
        while let turn { await turn.value }
        // In a task of its own, which is not cancelled with the surrounding one. It ends with the pool's deadline.
        let fresh = Task { await self.writeAll() }
        turn = fresh
        await fresh.value
    }

    /// Writes once what still waits, for a gateway that stops, and closes the database.
    func drain() async {
        await flush()
        let left = (batch?.records.count ?? 0) + queue.withLock { $0.records.count }
        if left > 0 {
            logger.warning("What the last requests took could not be recorded", metadata: ["lost": "\(left)"])
        }
        let store = store
        do {
            try await pool.run("close the usage database", deadline: .after(.seconds(2))) { store.close() }
        } catch {
            // The next start finds its log beside it and goes on from there.
        }
    }

    // MARK: Writing

    private func writeAll() async {
        defer { turn = nil }
        while let next = nextBatch() {
            let store = store
            do {
                let outcome = try await pool.run("record use", deadline: .after(Self.writeDeadline)) {
                    try store.append(next)
                }
                wrote(next, outcome)
            } catch {
                refused(error)
                return
            }
        }
    }

    private func nextBatch() -> UsageBatch? {
        if let batch { return batch }
        let records = queue.withLock { queue in
            let records = Array(queue.records.prefix(Self.maximumBatch))
            queue.records.removeFirst(records.count)
            return records
        }
        batch = records.isEmpty ? nil : UsageBatch(records)
        return batch
    }

    private func wrote(_ written: UsageBatch, _ outcome: UsageStore.Outcome) {
        batch = nil
        let lost = queue.withLock { queue in
            queue.written += UInt64(written.records.count)
            return queue.lost
        }
        if case .begunAnew = outcome {
            logger.warning(
                "The database of use was damaged; it was set aside beside a new one",
                metadata: [LogKey.errorCode: "database_unreadable"])
        }
        guard failures > 0 else { return }
        failures = 0
        logger.notice("Use is recorded again", metadata: ["lost": "\(lost)"])
    }

    private func refused(_ error: any Error) {
        failures += 1
        guard failures == 1 else { return }
        let code = (error as? StateError)?.code.rawValue ?? (error as? SystemError)?.code.rawValue
        let cause = (error as? StateError)?.underlying.map { "\($0)" }
        logger.warning(
            "What requests took can't be recorded at the moment; answers go on, and it is tried again",
            metadata: [LogKey.errorCode: "\(code ?? "unknown")", LogKey.errorCause: "\(cause ?? "\(error)")"])
    }
}
