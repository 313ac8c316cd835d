import Logging
import Synchronization

/// Keeps the lines that a server logs.
struct LogRecord: LogHandler {
    private final class Lines: Sendable {
        let values = Mutex<[String]>([])
    }

    private let lines = Lines()
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    /// Each with its metadata, sorted by key.
    var texts: [String] { lines.values.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let parts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.values.withLock { $0.append((["\(event.message)"] + parts).joined(separator: " ")) }
    }
}
