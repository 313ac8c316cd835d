import AlulaJSON

/// Lines of the log as a bundle shows them: records of a gateway, and of lines that are none only their length.
enum LogDigest {
    /// - Parameter lines: As `logs.tail` answers them, which passed the log's redactor.
    static func shown(_ lines: [String], learning names: inout BundleNames) -> [JSONValue] {
        lines.map { line in
            guard let record = record(line), record["_meta"] != nil, let message = record["1"]?.string else {
                return ["notShown": "no record of a gateway", "bytes": .number(line.utf8.count)]
            }
            var object = JSONObject()
            object["time"] = record["_meta"]?["date"]
            object["level"] = record["_meta"]?["logLevelName"]
            object["message"] = .string(message)
            object["fields"] = record["2"].map { fields($0, &names) }
            return .object(object)
        }
    }

    private static func record(_ line: String) -> JSONValue? {
        do { return try JSONValue.parse(line) } catch { return nil }
    }

    /// A field that holds a name says so by its own.
    private static func fields(_ value: JSONValue, _ names: inout BundleNames) -> JSONValue {
        guard let object = value.object else { return "(\(value.kindName))".json }
        return .object(
            JSONObject(
                object.map { key, value in
                    guard let text = value.string else { return (key, value) }
                    let name = key.lowercased()
                    if name.contains("profile") { return (key, .string(names.name(text, .profile))) }
                    if name.contains("agent") { return (key, .string(names.name(text, .agent))) }
                    return (key, value)
                }))
    }
}

extension String {
    fileprivate var json: JSONValue { .string(self) }
}
