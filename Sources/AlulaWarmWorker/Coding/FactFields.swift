import AlulaJSON

/// Reads the members of one object; each is taken once, and none may be left.
struct FactFields {
    private let object: JSONObject
    private var taken = 0

    init(_ value: JSONValue) throws(WarmWorkerError) {
        guard let object = value.object else { throw .wrongType("object", value) }
        self.object = object
    }

    /// Takes a member that has to be there.
    mutating func take<Value: FactCodable>(
        _ key: String, as type: Value.Type = Value.self
    ) throws(WarmWorkerError) -> Value {
        guard let value = try takeIfPresent(key, as: type) else {
            throw WarmWorkerError(.missingField, "The field \(key) is missing.")
        }
        return value
    }

    /// Takes a member that may be absent.
    mutating func takeIfPresent<Value: FactCodable>(
        _ key: String, as type: Value.Type = Value.self
    ) throws(WarmWorkerError) -> Value? {
        guard let value = object[key] else { return nil }
        taken += 1
        return try Value(factJSON: value)
    }

    /// Checks that nothing is left.
    func finish() throws(WarmWorkerError) {
        guard taken == object.count else {
            throw WarmWorkerError(.unknownField, "An object has a field that is not known.")
        }
    }
}

extension JSONValue {
    /// An object of those members that have a value.
    static func fields(_ members: (String, (any FactCodable)?)...) -> JSONValue {
        var object = JSONObject()
        for case let (key, value?) in members { object[key] = value.factJSON }
        return .object(object)
    }
}
