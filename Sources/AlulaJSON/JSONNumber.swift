/// A JSON number with the spelling it was read with or would be written with.
package struct JSONNumber: Hashable, Sendable {
    /// The JSON spelling; JSON5 forms (hexadecimal, leading plus, bare points) are kept by the document, not here.
    package let text: String

    /// Keeps `text`, which the parser has checked.
    init(checked text: String) { self.text = text }

    /// A whole number.
    package init(_ value: Int64) { text = String(value) }

    /// Whole values are written without a fraction; infinities and NaN, which JSON can't spell, become zero.
    package init(_ value: Double) {
        guard value.isFinite else {
            text = "0"
            return
        }
        if let exact = Self.whole(value) { text = String(exact) } else { text = "\(value)" }
    }

    /// The nearest floating-point number; infinite beyond its range.
    package var double: Double { Double(text) ?? .nan }

    /// `nil` for fractions and for values beyond 64 bits.
    package var integer: Int64? { Int64(text) ?? Self.whole(double) }

    /// Compares without the mathematics library, which nothing else here needs.
    private static func whole(_ value: Double) -> Int64? {
        guard value.magnitude < 0x1p63 else { return nil }
        let whole = Int64(value)
        return Double(whole) == value ? whole : nil
    }
}
