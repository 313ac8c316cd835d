/// Finds the end of a JSON object that comes in pieces cut anywhere. It looks at brackets and strings alone, so that what is
/// no JSON has an end too, or none.
struct ObjectEnd: Sendable {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Whether the object is closed.
    private(set) var isReached = false

    /// Reads on.
    mutating func take(_ text: String) {
        for byte in text.utf8 where !isReached {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                isReached = depth <= 0
            default: break
            }
        }
    }
}
