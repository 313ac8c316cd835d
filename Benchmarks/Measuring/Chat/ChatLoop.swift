/// Clients on one thread, each of which asks again as soon as it has its answer.
package final class ChatLoop {
    /// What came of it.
    package struct Tally: Sendable {
        /// Of the right answers, in milliseconds.
        package var latencies: [Double] = []
        package var wrong = 0
        /// The first thing that was wrong.
        package var problem: String?
        package var seconds = 0.0

        package init() {}

        package var calls: Int { latencies.count + wrong }
        package var perSecond: Double { seconds > 0 ? Double(latencies.count) / seconds : 0 }

        /// Takes in another run.
        package mutating func add(_ other: Tally) {
            latencies += other.latencies
            wrong += other.wrong
            problem = problem ?? other.problem
            seconds += other.seconds
        }
    }

    /// After this nobody waits for an answer.
    private static let patienceMilliseconds = 30_000.0

    private let callers: [ChatCaller]
    private let name: String
    private var asked = 0

    package init(_ target: ChatTarget, connections: Int) throws {
        name = "\(target.model.split(separator: "/").last ?? "")-\(connections)"
        callers = try (0..<connections).map { _ in try ChatCaller(target) }
    }

    /// Asks until so many calls are begun or so much time is over, and waits for the answers under way.
    package func run(calls: Int = .max, milliseconds: Double = .infinity) throws -> Tally {
        var tally = Tally()
        let start = MonotonicTime.now
        let limit = min(milliseconds, 3_600_000)
        var begun = 0
        var busy = Set<Int>()
        func mayBegin() -> Bool { begun < calls && MonotonicTime.now.milliseconds(since: start) < limit }
        func begin(_ index: Int) throws {
            guard mayBegin() else { return }
            begun += 1
            asked += 1
            busy.insert(index)
            try callers[index].ask("question \(name)-\(asked)")
        }
        for index in callers.indices { try begin(index) }
        let end = start.advanced(byMilliseconds: limit + Self.patienceMilliseconds)
        while !busy.isEmpty {
            guard MonotonicTime.now < end else { throw BenchmarkError(.timedOut, "\(busy.count) calls had no answer.") }
            var interests = callers.map(\.interest)
            waitForSockets(&interests, until: end)
            for index in callers.indices where interests[index].isReady && busy.contains(index) {
                switch try callers[index].take() {
                case .nothingYet: continue
                case .right(let latency): tally.latencies.append(latency)
                case .wrong(let problem):
                    tally.wrong += 1
                    tally.problem = tally.problem ?? problem
                }
                busy.remove(index)
                try begin(index)
            }
        }
        tally.seconds = MonotonicTime.now.milliseconds(since: start) / 1000
        return tally
    }
}
