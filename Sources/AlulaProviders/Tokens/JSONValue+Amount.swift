import AlulaJSON
import AlulaPrimitives

extension JSONValue {
    /// A finite number, which some providers write as a text.
    var amount: Double? {
        guard let number = double ?? string.flatMap({ Double($0.trimmed()) }), number.isFinite else { return nil }
        return number
    }
}
