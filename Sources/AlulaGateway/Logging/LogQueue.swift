import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes log lines on a thread of its own, so that a full pipe or a hung disk behind standard error delays nobody.
///
/// The queue is bounded: while the sink is blocked, further lines are dropped and counted, and the count is written
/// as soon as the sink moves again.
final class LogQueue: Sendable {
    /// Lines that may wait: enough for any burst of a healthy gateway.
    static let maximumLines = 4096

    private enum Condition {
        static let work = 0
        static let idle = 1
    }

    private struct State {
        var lines: [String] = []
        var dropped: UInt64 = 0
        var isWriting = false
    }

    private let descriptor: Int32
    private let monitor = Monitor(State(), conditions: 2)

    /// - Parameter descriptor: Where lines go; it stays the caller's.
    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Starts the writing thread, which lives as long as the process.
    func start() throws {
        try SystemThread.start(name: "log") { self.writeForEver() }
    }

    /// Puts one line, without its end, into the queue. Never blocks.
    func append(_ line: String) {
        monitor.withLock { state in
            if state.lines.count < Self.maximumLines { state.lines.append(line) } else { state.dropped += 1 }
        }
        monitor.signal(Condition.work)
    }

    /// Lines dropped since the last one that was written.
    var dropped: UInt64 { monitor.withLock { $0.dropped } }

    /// Returns when everything is written, or after `limit`. Blocks the calling thread.
    func flush(for limit: Duration) {
        let deadline = Deadline.after(limit)
        monitor.wait { state in
            if state.lines.isEmpty && !state.isWriting || deadline.hasPassed { return .done(()) }
            return .wait(on: Condition.idle, until: deadline)
        }
    }

    private func writeForEver() {
        while true {
            let (lines, dropped) = monitor.wait { state -> Monitor<State>.Turn<([String], UInt64)> in
                guard !state.lines.isEmpty || state.dropped > 0 else {
                    state.isWriting = false
                    self.monitor.signal(Condition.idle)
                    return .wait(on: Condition.work, until: nil)
                }
                defer {
                    state.lines.removeAll(keepingCapacity: true)
                    state.dropped = 0
                    state.isWriting = true
                }
                return .done((state.lines, state.dropped))
            }
            var text = lines.joined(separator: "\n") + "\n"
            if dropped > 0 { text += "(\(dropped) log lines were dropped while the log could not be written)\n" }
            write(text)
        }
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes($0) }
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else { return }
                var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&item, 1, -1)
                continue
            }
            rest = rest.dropFirst(count)
        }
    }

    private func writeBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
