import AlulaSystem
import Logging

/// Keeps log lines, and lets threads of the test wait for one.
final class LogCatcher: Sendable {
    struct Line: Sendable {
        let message: String
        let metadata: [String: String]
    }

    private struct Handler: LogHandler {
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]
        let catcher: LogCatcher

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(
                message: "\(event.message)", metadata: (event.metadata ?? [:]).mapValues { "\($0)" })
            catcher.lines.withLock { $0.append(line) }
            catcher.lines.signalAll()
        }
    }

    private let lines = Monitor<[Line]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(catcher: self) } }

    /// What was said so far.
    var messages: [String] { lines.withLock { $0.map(\.message) } }

    /// All lines so far with this message about this thread.
    func lines(_ message: String, of thread: String) -> [Line] {
        lines.withLock { $0.filter { $0.message == message && $0.metadata["thread"] == thread } }
    }

    /// Blocks the calling thread until there is such a line.
    @discardableResult
    func wait(for message: String, of thread: String) -> Line {
        lines.wait { lines in
            lines.first { $0.message == message && $0.metadata["thread"] == thread }.map { .done($0) }
                ?? .wait(on: 0, until: nil)
        }
    }
}

/// Something that threads of the test wait for.
final class HoldGate: Sendable {
    private let isOpen = Monitor(false)

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.signalAll()
    }

    /// Blocks the calling thread until somebody opens the gate.
    func pass() { isOpen.wait { $0 ? .done(()) : .wait(on: 0, until: nil) } }
}

/// Runs `body` on a thread of its own, which may block.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try SystemThread.start(name: "of a test") { continuation.resume(returning: body()) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
