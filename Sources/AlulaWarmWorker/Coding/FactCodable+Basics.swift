import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension String: FactText {
    var factText: String { self }

    init?(factText: String) { self = factText }
}

extension ProviderID: FactText {}
extension AgentID: FactText {}
extension ProfileID: FactText {}
extension ModelID: FactText {}
extension StoreID: FactText {}

extension FactVersion: FactText {
    var factText: String { description }

    init?(factText: String) {
        guard let number = UInt64(factText, radix: 16) else { return nil }
        self.init(rawValue: number)
        guard description == factText else { return nil }
    }
}

extension Bool: FactCodable {
    var factJSON: JSONValue { .bool(self) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        guard let value = factJSON.bool else { throw .wrongType("boolean", factJSON) }
        self = value
    }
}

extension Int64: FactCodable {
    var factJSON: JSONValue { .number(self) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        guard case .number = factJSON else { throw .wrongType("number", factJSON) }
        guard let value = factJSON.integer else {
            throw WarmWorkerError(.invalidValue, "A number is not whole, or is too large.")
        }
        self = value
    }
}

extension Int: FactCodable {
    var factJSON: JSONValue { .number(self) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        self = Int(try Int64(factJSON: factJSON))
    }
}

extension Double: FactCodable {
    var factJSON: JSONValue { .number(self) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        guard let value = factJSON.double else { throw .wrongType("number", factJSON) }
        guard value.isFinite else { throw WarmWorkerError(.invalidValue, "A number is too large.") }
        self = value
    }
}

extension Timestamp: FactCodable {
    var factJSON: JSONValue { .number(milliseconds) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        self.init(milliseconds: try Int64(factJSON: factJSON))
    }
}

extension Array: FactCodable where Element: FactCodable {
    var factJSON: JSONValue { .array(map(\.factJSON)) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        guard let values = factJSON.array else { throw .wrongType("array", factJSON) }
        self = []
        reserveCapacity(values.count)
        for value in values { append(try Element(factJSON: value)) }
    }
}

/// Sorted, so that equal sets are equal texts.
extension Set: FactCodable where Element: FactText {
    var factJSON: JSONValue { .array(map(\.factText).sorted().map { .string($0) }) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        self = Set(try [Element](factJSON: factJSON))
    }
}

/// Sorted by key, so that equal dictionaries are equal texts.
extension Dictionary: FactCodable where Key: FactText, Value: FactCodable {
    var factJSON: JSONValue {
        let members = map { ($0.key.factText, $0.value.factJSON) }
        return .object(JSONObject(members.sorted { $0.0 < $1.0 }))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        guard let members = factJSON.object else { throw .wrongType("object", factJSON) }
        self = [:]
        reserveCapacity(members.count)
        for (key, value) in members { self[try Key.read(key)] = try Value(factJSON: value) }
    }
}
