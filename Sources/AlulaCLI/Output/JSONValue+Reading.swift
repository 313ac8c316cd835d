import AlulaJSON
import AlulaPrimitives

extension JSONValue {
    /// A point in time in milliseconds, as every frame has it.
    var instant: Timestamp? { integer.map { Timestamp(milliseconds: $0) } }

    /// The texts of an array, or nothing.
    var strings: [String] { array?.compactMap(\.string) ?? [] }
}
