import AlulaPrimitives

/// The parts of an address that say where it leads: `scheme://user:password@host:port/…`.
struct AddressParts {
    /// In lower case; empty when there is none.
    let scheme: String
    /// As it stands there, escaped; `nil` when there is none.
    let user: Substring?
    /// In lower case, without the brackets of an IPv6 address; may be empty.
    let host: String
    let port: Int?

    /// - Returns: `nil` for a port that is none.
    init?(_ address: String) {
        var rest = address.trimmed()[...]
        if let mark = rest.firstRange(of: "://") {
            scheme = rest[..<mark.lowerBound].lowercased()
            rest = rest[mark.upperBound...]
        } else {
            scheme = ""
        }
        rest = rest.prefix { !"/?#".contains($0) }
        if let mark = rest.lastIndex(of: "@") {
            user = rest[..<mark]
            rest = rest[rest.index(after: mark)...]
        } else {
            user = nil
        }
        if rest.first == "[", let end = rest.firstIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<end].lowercased()
            rest = rest[rest.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            rest = rest.dropFirst()
        } else if let mark = rest.firstIndex(of: ":"), mark == rest.lastIndex(of: ":") {
            host = rest[..<mark].lowercased()
            rest = rest[rest.index(after: mark)...]
        } else {
            // None, or an IPv6 address without its brackets.
            host = rest.lowercased()
            rest = ""
        }
        if rest.isEmpty {
            port = nil
        } else {
            guard let number = Int(rest), (1...65_535).contains(number) else { return nil }
            port = number
        }
    }
}
