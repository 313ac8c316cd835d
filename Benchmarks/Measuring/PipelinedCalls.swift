/// Connections on which calls are sent without waiting for the answers before them, on one thread.
///
/// Answers are counted and not parsed, so that the client costs as little as it can.
package final class PipelinedCalls {
    private let connections: [GatewayConnection]
    /// Calls under way on each connection; the gateway reads no more than 64 ahead.
    private let window: Int

    package init(connections: [GatewayConnection], window: Int) {
        self.connections = connections
        self.window = window
    }

    /// Sends `count` calls of `method` on every connection and waits for all answers.
    ///
    /// - Returns: Answers a second over all connections.
    package func run(_ method: String, count: Int, deadline: MonotonicTime) throws -> Double {
        let call = GatewayFrames.call(id: "bench", method: method)
        var left = [(unsent: Int, unanswered: Int)](repeating: (count, count), count: connections.count)
        let start = MonotonicTime.now
        for index in connections.indices {
            let first = min(window, count)
            try connections[index].send((0..<first).flatMap { _ in call })
            left[index].unsent -= first
        }
        while left.contains(where: { $0.unanswered > 0 }) {
            guard MonotonicTime.now < deadline else { throw BenchmarkError(.timedOut, "Not all calls were answered.") }
            var interests = connections.map(\.interest)
            waitForSockets(&interests, until: deadline)
            for index in connections.indices where interests[index].isReady {
                let answered = try connections[index].takeAnswers()
                guard answered > 0 else { continue }
                left[index].unanswered -= answered
                let next = min(answered, left[index].unsent)
                left[index].unsent -= next
                if next > 0 { try connections[index].send((0..<next).flatMap { _ in call }) }
            }
        }
        let seconds = MonotonicTime.now.milliseconds(since: start) / 1000
        return Double(count * connections.count) / seconds
    }
}
