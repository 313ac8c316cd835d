import AlulaJSON
import AlulaPrimitives
import Logging

/// Makes lines of events: for people, or in the shape of the reference's log file, which its tools read.
struct LogLine: Sendable {
    /// Whom a line is for.
    enum Style: Sendable {
        /// Time, level, sentence, fields.
        case text
        /// One JSON object.
        case json
    }

    let redactor: LogRedactor
    /// Seconds that local clocks are ahead of UTC at an instant.
    let utcOffset: @Sendable (Timestamp) -> Int

    /// Without the end of the line.
    func line(_ entry: LogEntry, _ style: Style) -> String {
        switch style {
        case .text: text(entry)
        case .json: json(entry)
        }
    }

    private func text(_ entry: LogEntry) -> String {
        var line = "\(entry.time.iso8601) \(entry.level.rawValue) \(Self.oneLine(redactor.redacted(entry.sentence)))"
        for field in entry.fields {
            line += " \(field.key)=\(Self.quoted(redactor.redacted(field.value, named: field.key)))"
        }
        return line
    }

    /// Numbered members are what was logged, in order; `_meta` says by whom, when and how urgent.
    private func json(_ entry: LogEntry) -> String {
        let (levelName, levelID) = Self.referenceLevel(entry.level)
        let name = #"{"subsystem":"gateway"}"#
        var object = JSONObject()
        object["0"] = .string(name)
        object["1"] = .string(redactor.redacted(entry.sentence))
        if !entry.fields.isEmpty {
            object["2"] = .object(
                JSONObject(
                    entry.fields.map { ($0.key, .string(redactor.redacted($0.value, named: $0.key))) }))
        }
        object["_meta"] = [
            "runtime": "swift", "name": .string(name), "parentNames": ["openclaw"],
            "date": .string(Self.iso(entry.time, offset: nil)), "logLevelId": .number(levelID),
            "logLevelName": .string(levelName),
        ]
        object["time"] = .string(Self.iso(entry.time, offset: utcOffset(entry.time)))
        return JSONValue.object(object).text()
    }

    private static func referenceLevel(_ level: Logger.Level) -> (String, Int) {
        switch level {
        case .trace: ("TRACE", 1)
        case .debug: ("DEBUG", 2)
        case .info, .notice: ("INFO", 3)
        case .warning: ("WARN", 4)
        case .error: ("ERROR", 5)
        case .critical: ("FATAL", 6)
        }
    }

    /// ISO 8601 with milliseconds, in UTC or on a clock that is `offset` seconds ahead of it.
    static func iso(_ instant: Timestamp, offset: Int?) -> String {
        let shown = instant.advanced(by: .seconds(offset ?? 0)).iso8601.dropLast()
        let milliseconds = "\(1000 + instant.milliseconds % 1000)".dropFirst()
        guard let offset else { return "\(shown).\(milliseconds)Z" }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = abs(offset) / 60
        return "\(shown).\(milliseconds)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// The date on local clocks, such as `2026-11-25`.
    static func day(_ instant: Timestamp, offset: Int) -> String {
        String(instant.advanced(by: .seconds(offset)).iso8601.prefix(10))
    }

    private static func oneLine(_ text: String) -> String {
        text.contains(where: \.isNewline) ? text.map { $0.isNewline ? "\\n" : String($0) }.joined() : text
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
