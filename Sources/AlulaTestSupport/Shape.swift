package import AlulaJSON

/// The recorded shape of a payload: members with `?` may be missing, `int` and `string` stand for values, a string that
/// begins with `=` lists words. An empty object or array says nothing about what may be in it.
package struct Shape {
    package let value: JSONValue

    package init(value: JSONValue) { self.value = value }

    /// Where `payload` differs, as JSON pointers with what was expected. Further members are no difference.
    package func differences(in payload: JSONValue, at pointer: String = "") -> [String] {
        switch value {
        case .object(let members):
            guard let object = payload.object else { return ["\(pointer): object"] }
            return members.flatMap { key, shape in
                let name = key.hasSuffix("?") ? String(key.dropLast()) : key
                guard let member = object[name] else { return key == name ? ["\(pointer)/\(name): missing"] : [] }
                return Shape(value: shape).differences(in: member, at: "\(pointer)/\(name)")
            }
        case .array(let elements):
            guard let array = payload.array else { return ["\(pointer): array"] }
            guard let shape = elements.first else { return [] }
            return array.enumerated().flatMap { index, element in
                Shape(value: shape).differences(in: element, at: "\(pointer)/\(index)")
            }
        case .string(let kinds):
            let isRight = kinds.split(separator: "|").contains { Self.matches(payload, kind: $0) }
            return isRight ? [] : ["\(pointer): \(kinds)"]
        default:
            return payload == value ? [] : ["\(pointer): \(value)"]
        }
    }

    private static func matches(_ payload: JSONValue, kind: Substring) -> Bool {
        switch kind {
        case "int": payload.integer != nil
        case "string": payload.string != nil
        case "bool": payload.bool != nil
        case "null": payload.isNull
        default: kind.hasPrefix("=") && payload.string.map { $0[...] == kind.dropFirst() } == true
        }
    }
}
