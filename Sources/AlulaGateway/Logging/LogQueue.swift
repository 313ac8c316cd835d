import AlulaPrimitives
import AlulaSystem

/// Where the events of a queue end. A value that lives on the queue's thread.
protocol LogSink: Sendable {
    /// Writes `entries`. Blocks the calling thread.
    ///
    /// - Parameter lost: How many events are lost and not told of yet; it is told as soon as something can be written.
    /// - Returns: How many are lost and not told of now.
    mutating func write(_ entries: [LogEntry], lost: UInt64) -> UInt64

    /// Gives back what is held; nothing is written after it. Blocks the calling thread.
    mutating func close()
}

extension LogSink {
    mutating func close() {}
}

/// Hands events to a sink on a thread of its own, so that a full pipe or a hung disk behind it delays nobody.
///
/// The queue is bounded: while the sink is blocked, further events are dropped and counted, and the count is told
/// as soon as the sink moves again.
final class LogQueue: Sendable {
    /// Events that may wait: enough for any burst of a healthy gateway.
    static let maximumEntries = 4096
    /// Memory that waiting events may take.
    static let maximumCost = ByteCount.mebibytes(4)

    private enum Condition {
        static let work = 0
        static let idle = 1
    }

    private struct State {
        var entries: [LogEntry] = []
        var cost = 0
        var dropped: UInt64 = 0
        var droppedInTotal: UInt64 = 0
        var isWriting = false
        /// Takes the sink's place before anything else is written.
        var next: (any LogSink)?
    }

    private let monitor = Monitor(State(), conditions: 2)

    /// Starts the writing thread, which lives as long as the process.
    func start(_ sink: some LogSink) throws {
        try SystemThread.start(name: "log") { self.writeForEver(sink) }
    }

    /// Has `sink` write what is still to be written. Never blocks.
    func replace(with sink: any LogSink) { monitor.withLock { $0.next = sink } }

    /// Puts one event into the queue. Never blocks.
    func append(_ entry: LogEntry) {
        let cost = entry.cost
        monitor.withLock { state in
            guard state.entries.count < Self.maximumEntries, state.cost + cost <= Self.maximumCost.bytes else {
                state.dropped += 1
                state.droppedInTotal += 1
                return
            }
            state.entries.append(entry)
            state.cost += cost
        }
        monitor.signal(Condition.work)
    }

    /// Events dropped since the last one that was handed to the sink.
    var dropped: UInt64 { monitor.withLock { $0.dropped } }

    /// Events dropped since the start.
    var droppedInTotal: UInt64 { monitor.withLock { $0.droppedInTotal } }

    /// Returns when everything is written, or after `limit`. Blocks the calling thread.
    func flush(for limit: Duration) {
        let deadline = Deadline.after(limit)
        monitor.wait { state in
            if state.entries.isEmpty && !state.isWriting || deadline.hasPassed { return .done(()) }
            return .wait(on: Condition.idle, until: deadline)
        }
    }

    private func writeForEver(_ sink: some LogSink) {
        var sink: any LogSink = sink
        var lost: UInt64 = 0
        while true {
            let (entries, dropped, next) = monitor.wait {
                state -> Monitor<State>.Turn<([LogEntry], UInt64, (any LogSink)?)> in
                guard !state.entries.isEmpty || state.dropped > 0 else {
                    state.isWriting = false
                    self.monitor.signal(Condition.idle)
                    return .wait(on: Condition.work, until: nil)
                }
                defer {
                    state.entries = []
                    state.cost = 0
                    state.dropped = 0
                    state.isWriting = true
                    state.next = nil
                }
                return .done((state.entries, state.dropped, state.next))
            }
            if let next {
                sink.close()
                sink = next
            }
            lost = sink.write(entries, lost: lost + dropped)
        }
    }
}
