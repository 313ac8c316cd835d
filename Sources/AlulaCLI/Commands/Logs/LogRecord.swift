import AlulaJSON
import AlulaPrimitives

/// What a line of the log file says.
struct LogRecord: Hashable {
    /// As written, ISO 8601.
    var time: String?
    /// In lower case.
    var level: String?
    var subsystem: String?
    var message: String

    /// `nil` for a line that is not in the log's shape.
    init?(_ raw: String) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(raw) } catch { return nil }
        guard let object = value.object else { return nil }
        let meta = object["_meta"]
        time = object["time"]?.string ?? meta?["date"]?.string
        level = meta?["logLevelName"]?.string?.lowercased()
        let name = meta?["name"]?.string
        subsystem = [name, object["0"]?.string].lazy.compactMap { $0.flatMap(Self.subsystem) }.first
        var parts: [String] = []
        var number = 0
        while let part = object["\(number)"] {
            defer { number += 1 }
            // The first part names the subsystem once more.
            if number == 0, let text = part.string, Self.subsystem(text) != nil { continue }
            parts.append(part.string ?? part.text())
        }
        message = parts.joined(separator: " ")
        if time == nil, level == nil, parts.isEmpty { return nil }
    }

    private static func subsystem(_ name: String) -> String? {
        guard name.hasPrefix("{") else { return nil }
        do throws(JSONError) {
            let value = try JSONValue.parse(name)
            return value["subsystem"]?.string ?? value["module"]?.string
        } catch {
            return nil
        }
    }

    /// The record of `--json`.
    func payload(raw: String) -> JSONValue {
        var object = JSONObject()
        object["type"] = "log"
        object["time"] = time.map { .string($0) }
        object["level"] = level.map { .string($0) }
        object["subsystem"] = subsystem.map { .string($0) }
        object["message"] = .string(message)
        object["raw"] = .string(raw)
        return .object(object)
    }
}
