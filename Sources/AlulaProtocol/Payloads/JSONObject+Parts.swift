import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension Timestamp {
    /// Milliseconds since 1970, as every frame has it.
    var json: JSONValue { .number(milliseconds) }
}

extension Duration {
    /// Whole milliseconds.
    var json: JSONValue { .number(milliseconds) }
}

extension Sequence<String> {
    var json: JSONValue { .array(map { .string($0) }) }
}

extension JSONObject {
    /// What is known about one provider, in the keys that every payload shares. They are additions to the
    /// protocol: a client that does not know them loses nothing.
    mutating func set(_ answer: ProviderAnswer) {
        self["available"] = .bool(answer.isAvailable)
        self["unavailableReason"] = answer.reasonCode.map { .string($0) }
        self["unavailableUntil"] = answer.until?.json
        self["evidence"] = answer.evidence.map { .string($0) }
        self["reason"] = answer.reason.map { .string($0) }
        self["remedy"] = answer.remedy.map { .string($0) }
    }
}
