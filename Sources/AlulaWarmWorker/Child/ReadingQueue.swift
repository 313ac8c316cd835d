import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem

/// Hands the items of a plan to threads, keeps each one's deadline, and collects the answers.
///
/// A read that hangs can't be interrupted. Its item is answered for without it at its deadline, the thread counts as
/// stuck, and another takes its place as long as fewer than ``maximumThreads`` exist.
final class ReadingQueue: Sendable {
    private struct State {
        var next = 0
        /// Items being read, each with when it will be given up.
        var running: [Int: Deadline] = [:]
        /// Encoded readings that nobody has fetched.
        var ready: [[UInt8]] = []
        var readyBytes = 0
        /// When ``ready`` is sent although it is no full batch.
        var flush: Deadline?
        var settled = 0
        var threads = 0
        var stuck = 0
    }

    /// What the sender finds.
    private enum Look {
        case batch([[UInt8]])
        case expired
        case finished
    }

    private static let batchReadings = 256
    private static let batchBytes = 1 << 20
    /// How long an answer may wait for others to share its frame.
    private static let patience = Duration.milliseconds(10)
    /// Longest reading; what is longer is reported as too large.
    private static let maximumReadingBytes = 32 << 20

    private let plan: GatherPlan
    private let reader: any FactReading
    private let parallelism: Int
    private let maximumThreads: Int
    private let state = Monitor(State())

    init(plan: GatherPlan, reader: any FactReading, parallelism: Int, maximumThreads: Int) {
        self.plan = plan
        self.reader = reader
        self.parallelism = max(1, min(parallelism, plan.items.count))
        self.maximumThreads = maximumThreads
    }

    /// Reads everything and calls `send` with each batch of encoded readings. Blocks the calling thread.
    func drain<Failure: Error>(_ send: ([[UInt8]]) throws(Failure) -> Void) throws(Failure) {
        while true {
            replenish()
            switch state.wait(look) {
            case .batch(let batch): try send(batch)
            case .expired: continue
            case .finished: return
            }
        }
    }

    /// Starts threads until enough of them can work. Answers for what is left when there can't be any.
    private func replenish() {
        while true {
            let mayStart = state.withLock { state -> Bool in
                guard state.next < plan.items.count, state.threads - state.stuck < parallelism,
                    state.threads < maximumThreads
                else { return false }
                state.threads += 1
                return true
            }
            guard mayStart else { break }
            do throws(SystemError) {
                try SystemThread.start(name: "reader") { [self] in work() }
            } catch {
                // The system has no thread left for us; those that exist go on.
                state.withLock { $0.threads -= 1 }
                break
            }
        }
        state.withLock { state in
            guard state.threads == state.stuck else { return }
            while state.next < plan.items.count {
                giveUp(state.next, &state)
                state.next += 1
            }
        }
    }

    /// One thread's life.
    private func work() {
        while let index = claim() {
            let reading = encode(reader.read(plan.items[index], markers: plan.markers), of: plan.items[index])
            let mattersNow = state.withLock { state -> Bool in
                guard state.running.removeValue(forKey: index) != nil else {
                    // Too late: the item was given up and another thread works in this one's place.
                    state.stuck -= 1
                    return false
                }
                Self.add(reading, to: &state)
                // In between the sender would only find that it is too early to send.
                return state.ready.count == 1 || state.ready.count >= Self.batchReadings
                    || state.readyBytes >= Self.batchBytes || state.settled == plan.items.count
            }
            if mattersNow { state.signal() }
        }
    }

    /// The next item for the calling thread, or `nil` when it shall end.
    private func claim() -> Int? {
        state.withLock { state in
            guard state.next < plan.items.count, state.threads - state.stuck <= parallelism else {
                state.threads -= 1
                return nil
            }
            defer { state.next += 1 }
            state.running[state.next] = .after(.milliseconds(plan.sourceDeadlineMilliseconds))
            return state.next
        }
    }

    private func look(_ state: inout State) -> Monitor<State>.Turn<Look> {
        let late = state.running.filter(\.value.hasPassed).keys
        for index in late {
            state.running[index] = nil
            state.stuck += 1
            giveUp(index, &state)
        }
        let isComplete = state.settled == plan.items.count
        if state.ready.isEmpty, isComplete { return .done(.finished) }
        if let flush = state.flush,
            isComplete || flush.hasPassed || state.ready.count >= Self.batchReadings
                || state.readyBytes >= Self.batchBytes
        {
            return .done(.batch(takeBatch(&state)))
        }
        if !late.isEmpty { return .done(.expired) }
        // A read that starts meanwhile has a later end than this.
        let nextExpiry = state.running.values.min() ?? .after(.milliseconds(plan.sourceDeadlineMilliseconds))
        return .wait(on: 0, until: state.flush.map { min($0, nextExpiry) } ?? nextExpiry)
    }

    private func takeBatch(_ state: inout State) -> [[UInt8]] {
        var bytes = 0
        var count = 0
        for reading in state.ready.prefix(Self.batchReadings) {
            guard count == 0 || bytes + reading.count <= Self.batchBytes else { break }
            bytes += reading.count
            count += 1
        }
        let batch = Array(state.ready.prefix(count))
        state.ready.removeFirst(count)
        state.readyBytes -= bytes
        if state.ready.isEmpty { state.flush = nil }
        return batch
    }

    private static func add(_ reading: [UInt8], to state: inout State) {
        if state.ready.isEmpty { state.flush = .after(patience) }
        state.ready.append(reading)
        state.readyBytes += reading.count
        state.settled += 1
    }

    private func giveUp(_ index: Int, _ state: inout State) {
        let reading = plan.items[index].timedOut(afterMilliseconds: plan.sourceDeadlineMilliseconds)
        Self.add(reading.factJSON.serialized(), to: &state)
    }

    private func encode(_ reading: SourceReading, of item: GatherPlan.Item) -> [UInt8] {
        let bytes = reading.factJSON.serialized()
        guard bytes.count > Self.maximumReadingBytes else { return bytes }
        let problem = SourceProblem(
            .tooLarge, "The source holds more than can be handed on.",
            remedy: "Remove entries that are not needed any more.")
        return item.failed(problem).factJSON.serialized()
    }
}

extension GatherPlan.Item {
    /// What a source that can't be used is reported as.
    fileprivate func failed(_ problem: SourceProblem) -> SourceReading {
        switch self {
        case .store(let store, _, _): .store(store, .failed(problem))
        case .login(let tool, _): .login(tool, .failed(problem))
        case .googleCredentials: .googleCredentials(.failed(problem))
        case .awsFiles: .awsFiles(.failed(problem))
        case .secretFile(let alias, _, _, _, _): .secretSource(alias: alias, .failed(problem))
        }
    }
}
