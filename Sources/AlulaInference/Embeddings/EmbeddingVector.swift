package import AlulaJSON
import AlulaPrimitives

/// One vector. Its numbers are finite, and have 32 bits: that is what models make and what callers ask for.
package struct EmbeddingVector: Hashable, Sendable {
    /// The longest vector that is read, in numbers.
    package static let maximumLength = 65_536

    package let values: [Float]

    /// - Returns: `nil` for no numbers, for too many, and for one that is not finite.
    package init?(_ values: [Float]) {
        guard (1...Self.maximumLength).contains(values.count), values.allSatisfy(\.isFinite) else { return nil }
        self.values = values
    }

    /// Reads an array of numbers, or ``base64``.
    ///
    /// - Returns: `nil` for anything else.
    package init?(_ value: JSONValue?) {
        if let text = value?.string {
            self.init(base64: text)
            return
        }
        guard let array = value?.array, array.count <= Self.maximumLength else { return nil }
        var values: [Float] = []
        values.reserveCapacity(array.count)
        for element in array {
            guard let number = element.double else { return nil }
            values.append(Float(number))
        }
        self.init(values)
    }

    private init?(base64 text: String) {
        guard let bytes = Base64Text.decoded(text, maximumBytes: Self.maximumLength * 4), bytes.count.isMultiple(of: 4)
        else { return nil }
        var values: [Float] = []
        values.reserveCapacity(bytes.count / 4)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let pattern = bytes[start..<(start + 4)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            values.append(Float(bitPattern: pattern))
        }
        self.init(values)
    }

    /// The numbers, little end first, in base 64.
    package var base64: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values {
            let pattern = value.bitPattern
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: pattern >> shift))
            }
        }
        return Base64Text.encodedPlainly(bytes)
    }

    /// The numbers, each in as few digits as tell it from its neighbours.
    package var array: JSONValue { .array(values.map { .number(Double("\($0)") ?? Double($0)) }) }
}
