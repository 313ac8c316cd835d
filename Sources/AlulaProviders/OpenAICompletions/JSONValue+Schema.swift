import AlulaJSON

extension JSONValue {
    /// A schema without members of these names, at whatever depth. Properties may have such names all the same.
    func withoutMembers(_ names: Set<String>) -> JSONValue {
        switch self {
        case .object(let object):
            .object(
                JSONObject(
                    object.filter { !names.contains($0.key) }.map { key, value in
                        guard JSONValue.namedSchemas.contains(key), let schemas = value.object else {
                            return (key, value.withoutMembers(names))
                        }
                        return (key, .object(JSONObject(schemas.map { ($0.key, $0.value.withoutMembers(names)) })))
                    }))
        case .array(let values): .array(values.map { $0.withoutMembers(names) })
        default: self
        }
    }

    /// Members of a schema whose own members are schemas by names that somebody chose.
    private static let namedSchemas: Set = ["properties", "patternProperties", "$defs", "definitions"]
}
