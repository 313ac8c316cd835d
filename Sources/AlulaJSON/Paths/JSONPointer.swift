extension JSONValue {
    /// What a JSON pointer (RFC 6901) points at below this value.
    ///
    /// - Parameter pointer: Empty for the value itself, otherwise `/`, key or index, and so on, with `~0` for `~` and
    ///   `~1` for `/`.
    /// - Returns: `nil` when nothing is there and when `pointer` is not one.
    package func resolve(pointer: String) -> JSONValue? {
        guard !pointer.isEmpty else { return self }
        guard pointer.hasPrefix("/") else { return nil }
        var value = self
        for part in pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescaped(part) else { return nil }
            let next: JSONValue? =
                switch value {
                case .object(let object): object[token]
                case .array(let elements): Self.index(token, below: elements.count).map { elements[$0] }
                default: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// `nil` for a `~` that is no escape.
    private static func unescaped(_ part: Substring.UTF8View.SubSequence) -> String? {
        var bytes: [UInt8] = []
        var rest = part.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.next() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func index(_ token: String, below count: Int) -> Int? {
        guard token == "0" || (!token.hasPrefix("0") && !token.isEmpty && token.utf8.allSatisfy(\.isDigit)),
            let index = Int(token), index < count
        else { return nil }
        return index
    }
}
