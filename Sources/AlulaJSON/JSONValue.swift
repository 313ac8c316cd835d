/// A JSON value in memory. Objects keep the order of their keys; numbers keep their spelling.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The members, or `nil` for other kinds.
    package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    /// The elements, or `nil` for other kinds.
    package var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
    /// The text, or `nil` for other kinds.
    package var string: String? { if case .string(let string) = self { string } else { nil } }
    /// The truth value, or `nil` for other kinds.
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    /// The number as floating point, or `nil` for other kinds.
    package var double: Double? { if case .number(let number) = self { number.double } else { nil } }
    /// The number as an integer, or `nil` for other kinds, fractions and values beyond 64 bits.
    package var integer: Int64? { if case .number(let number) = self { number.integer } else { nil } }
    /// Whether this is `null`, which is not the same as being absent.
    package var isNull: Bool { self == .null }

    /// The member of an object, or `nil`.
    package subscript(key: String) -> JSONValue? { object?[key] }

    /// What the value is, in a word of JSON: `null`, `boolean`, `number`, `string`, `array` or `object`.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

// There is no `nil` literal: in `found ? value : nil` the compiler would take it for `.null`.

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    package init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }

    /// A whole number.
    package static func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }
    /// A whole number.
    package static func number(_ value: Int) -> JSONValue { .number(JSONNumber(Int64(value))) }
    /// A number; infinities and NaN become zero.
    package static func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
}
