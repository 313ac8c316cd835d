package import AlulaJSON

extension ParameterSchema {
    /// More violations than this are not listed: the first few say enough.
    private static let maximumViolations = 16

    /// How `value` breaks this schema: missing members first, then unexpected ones, then wrong values.
    package func violations(in value: JSONValue) -> [SchemaViolation] {
        var found: [SchemaViolation] = []
        collect(value, at: "", into: &found)
        return Array(found.prefix(Self.maximumViolations))
    }

    private func collect(_ value: JSONValue, at pointer: String, into found: inout [SchemaViolation]) {
        guard found.count < Self.maximumViolations else { return }
        if let reason = reason(against: value) { found.append(SchemaViolation(at: pointer, reason)) }
        switch (self, value) {
        case (.array(let element, _, let maximum), .array(let elements)):
            // What is too many is refused as a whole.
            for (index, item) in elements.prefix(maximum ?? elements.count).enumerated() {
                guard found.count < Self.maximumViolations else { return }
                element.collect(item, at: "\(pointer)/\(index)", into: &found)
            }
        case (.map(let member), .object(let object)):
            for (key, item) in object where found.count < Self.maximumViolations {
                member.collect(item, at: "\(pointer)/\(Self.escaped(key))", into: &found)
            }
        case (.object(let properties, let allowsOthers), .object(let object)):
            for property in properties where property.isRequired && object[property.name] == nil {
                found.append(SchemaViolation(at: pointer, "must have required property '\(property.name)'"))
            }
            if !allowsOthers {
                for (key, _) in object where !properties.contains(where: { $0.name == key }) {
                    guard found.count < Self.maximumViolations else { return }
                    found.append(SchemaViolation(at: pointer, "unexpected property '\(Self.shortened(key))'"))
                }
            }
            for property in properties {
                guard let item = object[property.name] else { continue }
                property.schema.collect(item, at: "\(pointer)/\(property.name)", into: &found)
            }
        default:
            break
        }
    }

    /// What is wrong with the value itself, apart from what lies in it.
    private func reason(against value: JSONValue) -> String? {
        switch self {
        case .any:
            return nil
        case .boolean:
            return value.bool == nil ? "must be boolean" : nil
        case .integer(let minimum, let maximum):
            guard let number = value.integer else { return "must be integer" }
            if let minimum, number < minimum { return "must be >= \(minimum)" }
            if let maximum, number > maximum { return "must be <= \(maximum)" }
            return nil
        case .text(let minimum, let maximum):
            guard let text = value.string else { return "must be string" }
            let length = text.unicodeScalars.count
            if let minimum, length < minimum { return "must NOT have fewer than \(minimum) characters" }
            if let maximum, length > maximum { return "must NOT have more than \(maximum) characters" }
            return nil
        case .enumeration(let words):
            guard let text = value.string, words.contains(text) else {
                return "must be equal to one of the allowed values"
            }
            return nil
        case .constant(let word):
            return value.string == word ? nil : "must be equal to constant"
        case .array(_, let minimum, let maximum):
            guard let elements = value.array else { return "must be array" }
            if let minimum, elements.count < minimum { return "must NOT have fewer than \(minimum) items" }
            if let maximum, elements.count > maximum { return "must NOT have more than \(maximum) items" }
            return nil
        case .map, .object:
            return value.object == nil ? "must be object" : nil
        }
    }

    /// A key as a part of a JSON pointer.
    private static func escaped(_ key: String) -> String {
        var escaped = ""
        for character in shortened(key) {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// Keys come from outside: an endless one is not repeated in full.
    private static func shortened(_ key: String) -> String {
        key.count > 64 ? key.prefix(64) + "…" : key
    }
}
