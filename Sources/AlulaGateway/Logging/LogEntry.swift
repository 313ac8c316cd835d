import AlulaPrimitives
import Logging

/// One event of the log, on its way to the places that it is written to.
struct LogEntry: Sendable {
    /// A name and what it stands for.
    struct Field: Hashable, Sendable {
        let key: String
        let value: String
    }

    /// Longest sentence or value that is kept, in bytes; what goes beyond is cut off.
    static let maximumText = 8192

    let time: Timestamp
    let level: Logger.Level
    let sentence: String
    /// In the order of the keys.
    let fields: [Field]

    init(time: Timestamp, level: Logger.Level, sentence: String, fields: [Field] = []) {
        self.time = time
        self.level = level
        self.sentence = Self.bounded(sentence)
        self.fields = fields.map { Field(key: $0.key, value: Self.bounded($0.value)) }
    }

    /// About how much memory it takes, in bytes.
    var cost: Int { fields.reduce(128 + sentence.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count + 64 } }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > maximumText else { return text }
        return String(decoding: text.utf8.prefix(maximumText), as: UTF8.self) + "…"
    }
}
