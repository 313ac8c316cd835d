import AlulaPrimitives
import Logging

/// A log handler that hands events to the gateway's log, which writes them elsewhere.
struct QueuedLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]

    private let log: GatewayLog
    /// Set for this logger alone; otherwise the log's own level counts, which follows the configuration.
    private var ownLevel: Logger.Level?

    init(log: GatewayLog) { self.log = log }

    var logLevel: Logger.Level {
        get { ownLevel ?? log.lowestLevel }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var merged = metadata
        if let extra = event.metadata { merged.merge(extra) { _, new in new } }
        log.append(
            level: event.level, "\(event.message)",
            merged.sorted { $0.key < $1.key }.map { LogEntry.Field(key: $0.key, value: "\($0.value)") })
    }
}
