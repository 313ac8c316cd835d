import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import AlulaWarmWorker
import CAlulaShims
import Synchronization

/// Keeps the last snapshot on disk, so that a restart has an answer at once. It holds no secret.
///
/// Only facts are kept, with the fingerprint of the settings they were weighed under; the answers are weighed anew from
/// them. A snapshot of other settings, another schema, or anything that can't be read is no snapshot.
struct SnapshotStore: Sendable {
    private static let schema: Int64 = 1
    private static let maximum = ByteCount.mebibytes(256)

    let path: String

    /// Writes `prepared`. Blocks the calling thread.
    func save(_ prepared: PreparedAuth) throws {
        let document: JSONValue = [
            "schema": .number(Self.schema), "generation": .string(String(prepared.generation)),
            "preparedAt": .number(prepared.preparedAt.milliseconds),
            "fingerprint": .string(prepared.context.fingerprint.description),
            "facts": FactCoding.encode(prepared.facts),
        ]
        _ = try DurableFile.replace(path, with: document.serialized(.compact), mode: 0o600)
    }

    /// The last snapshot as an answer under the present settings, marked stale; `nil` when there is none that fits.
    /// Blocks the calling thread.
    func load(context: AuthContext, environment: EnvironmentFact, now: Timestamp) -> PreparedAuth? {
        do {
            guard let contents = try FileReader.readExisting(path, maximum: Self.maximum) else { return nil }
            let document = try JSONValue.parse(contents.bytes)
            guard document["schema"]?.integer == Self.schema,
                document["fingerprint"]?.string == context.fingerprint.description,
                let generation = document["generation"]?.string.flatMap({ UInt64($0) }),
                let encoded = document["facts"]
            else { return nil }
            var facts = try FactCoding.facts(from: encoded)
            // The environment is known without asking anybody, and may be another now.
            facts.environment = environment
            return AuthPreparer.prepare(
                context: context, facts: facts, generation: generation, gathering: .persisted, now: now,
                isStale: true)
        } catch {
            return nil
        }
    }
}

/// Writes snapshots behind the warms: one at a time, at most one a second, and of several that wait only the newest.
final class SnapshotWriter: Sendable {
    /// The least time between two writes: an answer that is a second older is still one to start with.
    static let spacing = Duration.seconds(1)

    private let store: SnapshotStore
    private let pool: BlockingPool
    private let clock: any Clock<Duration>
    private let newest = Mutex<PreparedAuth?>(nil)
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(store: SnapshotStore, pool: BlockingPool, clock: any Clock<Duration>) {
        self.store = store
        self.pool = pool
        self.clock = clock
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Never waits.
    func keep(_ prepared: PreparedAuth) {
        newest.withLock { $0 = prepared }
        signal.yield()
    }

    /// Writes until the surrounding task is cancelled, and then what is still waiting. A disk that refuses costs nothing
    /// but the instant start.
    func run(failed: @escaping @Sendable (any Error) -> Void) async {
        for await _ in signals {
            await finishSaving(failed)
            do { try await clock.sleep(for: Self.spacing) } catch { break }
        }
        await finishSaving(failed)
    }

    /// In a task of its own, which is not cancelled with the surrounding one: the process must not end in the middle of a
    /// write. It ends with the pool's deadline.
    private func finishSaving(_ failed: @escaping @Sendable (any Error) -> Void) async {
        await Task { await self.saveNewest(failed) }.value
    }

    private func saveNewest(_ failed: @Sendable (any Error) -> Void) async {
        guard let prepared = newest.withLock({ $0.take() }) else { return }
        do {
            try await pool.run("save the snapshot", deadline: .after(.seconds(30))) {
                try self.store.save(prepared)
                // What a large warm and its snapshot took from the heap is of no use afterwards.
                _ = alula_trim_heap()
            }
        } catch {
            failed(error)
        }
    }
}
