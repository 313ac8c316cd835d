import AlulaJSON
import AlulaPrimitives

/// A value with one JSON shape, read back strictly: every field known, every kind right.
///
/// Both ends of the pipe are the same program, so a shape that isn't expected is an error and never a newer version.
protocol FactCodable: Sendable {
    /// The value's JSON. Fields that are `nil` are left out.
    var factJSON: JSONValue { get }

    /// Reads back what ``factJSON`` gave.
    init(factJSON: JSONValue) throws(WarmWorkerError)
}

/// A value whose JSON is a string, so that it can be a key too.
protocol FactText: FactCodable, Hashable {
    /// The only spelling.
    var factText: String { get }

    /// `nil` for any other spelling.
    init?(factText: String)
}

extension FactText {
    var factJSON: JSONValue { .string(factText) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        guard let text = factJSON.string else { throw .wrongType("string", factJSON) }
        self = try Self.read(text)
    }

    /// The value that `text` spells.
    static func read(_ text: String) throws(WarmWorkerError) -> Self {
        guard let value = Self(factText: text) else {
            throw WarmWorkerError(.unknownCase, "A text is none that \(Self.self) can be.")
        }
        return value
    }
}

extension FactText where Self: RawRepresentable, RawValue == String {
    var factText: String { rawValue }

    init?(factText: String) { self.init(rawValue: factText) }
}

extension FactText where Self: StringIdentifier {
    var factText: String { rawValue }

    init?(factText: String) {
        self.init(factText)
        // Ids are sent in their canonical spelling, which reading leaves as it is.
        guard rawValue == factText else { return nil }
    }
}

extension WarmWorkerError {
    static func wrongType(_ wanted: String, _ value: JSONValue) -> WarmWorkerError {
        WarmWorkerError(.wrongType, "A value should be of kind \(wanted) and is of kind \(value.kindName).")
    }

    static func unknownCase(_ type: Any.Type) -> WarmWorkerError {
        WarmWorkerError(.unknownCase, "A value is of no case that \(type) has.")
    }
}
