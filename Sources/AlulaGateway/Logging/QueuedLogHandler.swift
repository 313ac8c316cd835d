import AlulaPrimitives
import Logging

/// A log handler that formats a line and hands it to the queue: time, level, sentence, metadata in the order of keys.
struct QueuedLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    private let queue: LogQueue
    private let now: @Sendable () -> Timestamp

    init(queue: LogQueue, level: Logger.Level, now: @escaping @Sendable () -> Timestamp) {
        self.queue = queue
        logLevel = level
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var merged = metadata
        if let extra = event.metadata { merged.merge(extra) { _, new in new } }
        var line = "\(now().iso8601) \(event.level.rawValue) \(event.message)"
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quoted("\(value)"))"
        }
        queue.append(line)
    }

    /// Quotes what holds a space, so that a line stays one line and can be split again.
    private static func quoted(_ value: String) -> String {
        guard value.contains(where: { $0 == " " || $0 == "\"" || $0.isNewline }) || value.isEmpty else { return value }
        let escaped = value.map { character in
            switch character {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where character.isNewline: "\\n"
            default: String(character)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
