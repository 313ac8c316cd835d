package import AlulaPrimitives

/// What stands where the configuration wants a secret: the secret itself, or a pointer to it.
package enum SecretInput: Sendable {
    /// Also the placeholders that say where a key comes from, such as a variable's bare name or `ollama-local`.
    case literal(Secret)
    case reference(SecretReference)

    /// The pointer, or `nil` for a literal.
    package var reference: SecretReference? {
        if case .reference(let reference) = self { reference } else { nil }
    }
}

/// The texts and objects that stand for a ``SecretReference``.
enum SecretReferenceText {
    /// The variable that a text points at: `${NAME}`, `$NAME`, `secretref-env:NAME` or `__env__:NAME`.
    static func variable(in text: String) -> String? {
        let name: Substring
        if text.hasPrefix("${"), text.hasSuffix("}") {
            name = text.dropFirst(2).dropLast()
        } else if let prefix = ["$", "secretref-env:", "__env__:"].first(where: text.hasPrefix) {
            name = text.dropFirst(prefix.count)
        } else {
            return nil
        }
        return isVariableName(name) ? String(name) : nil
    }

    /// Whether `text` is one reference and nothing else.
    static func isWholeReference(_ text: String) -> Bool { variable(in: text) != nil }

    /// Whether an object has the keys of a reference and no others.
    static func looksLikeReference(_ members: ConfigurationMembers) -> Bool {
        guard members["source"] != nil, members["id"] != nil else { return false }
        return members.all.allSatisfy { ["source", "provider", "id"].contains($0.key) && $0.node.string != nil }
    }

    /// Whether an object is a reference that can be followed. One with another id could hold anything there.
    static func isSound(_ members: ConfigurationMembers) -> Bool {
        guard looksLikeReference(members), let id = members["id"]?.node.string,
            let source = members["source"]?.node.string.flatMap(SecretReference.Source.init(rawValue:))
        else { return false }
        return isID(id, of: source) && members["provider"]?.node.string.map(isProviderAlias) ?? true
    }

    /// Whether `id` is spelled as the ids of `source` are.
    static func isID(_ id: String, of source: SecretReference.Source) -> Bool {
        switch source {
        case .environment, .store: isVariableName(id)
        case .file: isFileID(id)
        case .helper: isHelperID(id)
        }
    }

    /// `^[A-Z][A-Z0-9_]{0,127}$`
    static func isVariableName(_ name: some StringProtocol) -> Bool {
        matches(name, length: 1...128, first: { isUpper($0) }, rest: { isUpper($0) || isDigit($0) || $0 == underscore })
    }

    /// `^[a-z][a-z0-9_-]{0,63}$`
    static func isProviderAlias(_ name: String) -> Bool {
        matches(
            name, length: 1...64, first: { isLower($0) },
            rest: { isLower($0) || isDigit($0) || $0 == underscore || $0 == UInt8(ascii: "-") })
    }

    /// `^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$`, and no part of it is `.` or `..`.
    static func isHelperID(_ id: String) -> Bool {
        matches(
            id, length: 1...256, first: { isUpper($0) || isLower($0) || isDigit($0) },
            rest: { isUpper($0) || isLower($0) || isDigit($0) || "._:/#-".utf8.contains($0) })
            && !id.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// A JSON pointer, or the word for a file's whole content.
    static func isFileID(_ id: String) -> Bool {
        id == "value" || (id.hasPrefix("/") && id.utf8.count <= 1024)
    }

    private static let underscore = UInt8(ascii: "_")
    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func matches(
        _ text: some StringProtocol, length: ClosedRange<Int>, first: (UInt8) -> Bool, rest: (UInt8) -> Bool
    ) -> Bool {
        guard length.contains(text.utf8.count), let head = text.utf8.first, first(head) else { return false }
        return text.utf8.dropFirst().allSatisfy(rest)
    }
}
