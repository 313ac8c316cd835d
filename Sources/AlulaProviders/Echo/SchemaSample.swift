import AlulaJSON

/// Makes a value that follows a JSON schema: always the same one, as small as the schema allows.
///
/// It knows the keywords that programs write for tools and formats, and follows references within the document. A schema
/// that no value of a few levels follows gets one that stops there.
enum SchemaSample {
    /// Levels of a sample, references included.
    private static let maximumDepth = 12
    /// Elements of all lists together, since a schema of a few bytes can ask for billions.
    private static let maximumCount = 1000

    static func value(of schema: JSONValue) -> JSONValue {
        var maker = Maker(root: schema)
        return maker.value(schema, depth: 0)
    }

    private struct Maker {
        let root: JSONValue
        var left = maximumCount

        mutating func value(_ schema: JSONValue, depth: Int) -> JSONValue {
            left -= 1
            guard let object = schema.object, depth < maximumDepth, left > 0 else { return .null }
            if let constant = object["const"] { return constant }
            if let first = object["enum"]?.array?.first { return first }
            if let reference = object["$ref"]?.string {
                return target(of: reference).map { value($0, depth: depth + 1) } ?? .null
            }
            for key in ["anyOf", "oneOf", "allOf"] {
                if let first = object[key]?.array?.first { return value(first, depth: depth + 1) }
            }
            let type = object["type"]?.string ?? object["type"]?.array?.first?.string
            switch type ?? (object["properties"] == nil ? "string" : "object") {
            case "object": return members(object, depth: depth)
            case "array": return elements(object, depth: depth)
            case "integer", "number": return object["minimum"] ?? 1
            case "boolean": return true
            case "null": return .null
            default: return text(object)
            }
        }

        private mutating func members(_ schema: JSONObject, depth: Int) -> JSONValue {
            let wanted = schema["required"]?.array?.compactMap(\.string) ?? schema["properties"]?.object?.keys ?? []
            var object = JSONObject()
            for name in wanted where left > 0 {
                object[name] = value(schema["properties"]?[name] ?? [:], depth: depth + 1)
            }
            return .object(object)
        }

        private mutating func elements(_ schema: JSONObject, depth: Int) -> JSONValue {
            let count = min(max(1, schema["minItems"]?.integer ?? 1), Int64(maximumCount))
            var elements: [JSONValue] = []
            while elements.count < count, left > 0 {
                elements.append(value(schema["items"] ?? [:], depth: depth + 1))
            }
            return .array(elements)
        }

        private func text(_ schema: JSONObject) -> JSONValue {
            let shortest = min(max(0, schema["minLength"]?.integer ?? 0), Int64(maximumCount))
            let longest = min(max(0, schema["maxLength"]?.integer ?? .max), Int64(maximumCount))
            let text = "echo" + String(repeating: "o", count: max(0, Int(shortest) - 4))
            return .string(String(text.prefix(Int(longest))))
        }

        /// What `#/$defs/Name` refers to.
        private func target(of reference: String) -> JSONValue? {
            guard reference.hasPrefix("#/") else { return reference == "#" ? root : nil }
            var value = root
            for step in reference.dropFirst(2).split(separator: "/") {
                guard let next = value[String(step)] else { return nil }
                value = next
            }
            return value
        }
    }
}
