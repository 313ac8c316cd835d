import AlulaInference
import AlulaJSON

/// Reads the members of one object of a caller's request, and knows which ones nobody asked for.
///
/// A member that is `null` counts as absent: clients send it for what they leave out.
struct RequestFields {
    let object: JSONObject
    /// Where the object stands, such as `messages[2]`; empty for the whole body.
    let path: String
    private var asked: Set<String> = []

    init(_ object: JSONObject, at path: String = "") {
        self.object = object
        self.path = path
    }

    /// - Throws: ``InferenceError/Code/malformedRequest`` unless `value` is an object.
    init(_ value: JSONValue, at path: String) throws(InferenceError) {
        guard let object = value.object else { throw Self.mistake(path, "must be an object, not \(value.words)") }
        self.init(object, at: path)
    }

    /// Members that were not asked for, in order, `null` ones left out.
    var rest: JSONObject { JSONObject(object.filter { !asked.contains($0.key) && !$0.value.isNull }) }

    /// Counts a member as asked for.
    mutating func skip(_ keys: String...) { asked.formUnion(keys) }

    mutating func value(_ key: String) -> JSONValue? {
        asked.insert(key)
        return object[key].flatMap { $0.isNull ? nil : $0 }
    }

    mutating func string(_ key: String) throws(InferenceError) -> String? {
        guard let value = value(key) else { return nil }
        guard let string = value.string else { throw mistake(key, "must be a string, not \(value.words)") }
        return string
    }

    mutating func bool(_ key: String) throws(InferenceError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else { throw mistake(key, "must be true or false, not \(value.words)") }
        return bool
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(InferenceError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double, number.isFinite else {
            throw mistake(key, "must be a number, not \(value.words)")
        }
        guard range.contains(number) else {
            throw mistake(key, "must be from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))")
        }
        return number
    }

    mutating func integer(_ key: String, atLeast minimum: Int64 = .min) throws(InferenceError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let integer = value.integer else { throw mistake(key, "must be a whole number, not \(value.words)") }
        guard integer >= minimum else { throw mistake(key, "must be at least \(minimum)") }
        return integer
    }

    mutating func array(_ key: String) throws(InferenceError) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let array = value.array else { throw mistake(key, "must be an array, not \(value.words)") }
        return array
    }

    mutating func fields(_ key: String) throws(InferenceError) -> RequestFields? {
        guard let value = value(key) else { return nil }
        return try RequestFields(value, at: place(of: key))
    }

    /// A text, or several.
    mutating func strings(_ key: String) throws(InferenceError) -> [String]? {
        guard let value = value(key) else { return nil }
        if let string = value.string { return [string] }
        guard let array = value.array else { throw mistake(key, "must be a string or an array of strings") }
        var strings: [String] = []
        for (index, element) in array.enumerated() {
            guard let string = element.string else {
                throw Self.mistake("\(place(of: key))[\(index)]", "must be a string, not \(element.words)")
            }
            strings.append(string)
        }
        return strings
    }

    mutating func requiredString(_ key: String) throws(InferenceError) -> String {
        guard let value = try string(key) else { throw mistake(key, "is missing") }
        return value
    }

    mutating func requiredArray(_ key: String) throws(InferenceError) -> [JSONValue] {
        guard let value = try array(key) else { throw mistake(key, "is missing") }
        return value
    }

    mutating func requiredFields(_ key: String) throws(InferenceError) -> RequestFields {
        guard let value = try fields(key) else { throw mistake(key, "is missing") }
        return value
    }

    /// Where a member stands.
    func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func mistake(_ key: String, _ what: String) -> InferenceError { Self.mistake(place(of: key), what) }

    static func mistake(_ place: String, _ what: String) -> InferenceError {
        InferenceError(.malformedRequest, "`\(place)` \(what).", parameter: place)
    }

    private static func plain(_ value: Double) -> String { JSONNumber(value).text }
}

extension JSONValue {
    /// What the value is, with an article, for messages. The value itself may be somebody's text.
    var words: String {
        switch self {
        case .null: kindName
        case .array, .object: "an \(kindName)"
        case .bool, .number, .string: "a \(kindName)"
        }
    }
}
