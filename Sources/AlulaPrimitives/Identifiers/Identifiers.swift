/// A model provider, such as `openai`: trimmed and lower-cased, with no further aliasing.
package struct ProviderID: StringIdentifier, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(_ spelling: String) { rawValue = spelling.trimmed().lowercased() }

    package init(stringLiteral value: String) { self.init(value) }
}

/// An agent: `^[a-z0-9][a-z0-9_-]{0,63}$`; other spellings are normalised and an empty one means ``main``.
package struct AgentID: StringIdentifier, ExpressibleByStringLiteral {
    /// The agent whose store every other agent inherits from.
    package static let main: AgentID = "main"
    /// Longest canonical spelling, in characters.
    package static let maximumLength = 64

    package let rawValue: String

    package init(_ spelling: String) {
        // Most spellings are canonical, and bytes tell so sooner than characters do.
        if Self.isCanonical(spelling.utf8) {
            rawValue = spelling
            return
        }
        var normal = ""
        var pendingDash = false
        for scalar in spelling.trimmed().lowercased().unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9", "_", "-":
                if pendingDash, !normal.isEmpty { normal.append("-") }
                pendingDash = false
                normal.unicodeScalars.append(scalar)
            default:
                pendingDash = true
            }
        }
        let body = normal.drop { $0 == "-" || $0 == "_" }.prefix(Self.maximumLength)
        let kept = String(String(body.reversed().drop { $0 == "-" }.reversed()))
        rawValue = kept.isEmpty ? "main" : kept
    }

    private static func isCanonical(_ spelling: String.UTF8View) -> Bool {
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        let (dash, underscore) = (UInt8(ascii: "-"), UInt8(ascii: "_"))
        guard spelling.count <= maximumLength, let first = spelling.first, isLetterOrDigit(first), spelling.last != dash
        else { return false }
        return spelling.allSatisfy { isLetterOrDigit($0) || $0 == dash || $0 == underscore }
    }

    package init(stringLiteral value: String) { self.init(value) }
}

/// One stored credential, `<provider>:<name>` by convention; case is kept.
package struct ProfileID: StringIdentifier, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(_ spelling: String) { rawValue = spelling.trimmed() }

    package init(stringLiteral value: String) { self.init(value) }

    /// The id under which a provider's only login is stored.
    package static func standard(for provider: ProviderID) -> ProfileID { ProfileID("\(provider):default") }
}

/// A model within its provider, such as `gpt-5.5` or `moonshotai/kimi-k2`; case is kept.
package struct ModelID: StringIdentifier, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(_ spelling: String) { rawValue = spelling.trimmed() }

    package init(stringLiteral value: String) { self.init(value) }
}

/// A credential store, named by the absolute path of the directory that holds it.
package struct StoreID: StringIdentifier {
    package let rawValue: String

    package init(_ spelling: String) { rawValue = spelling }

    /// The directory's path.
    package var directory: String { rawValue }
}

extension String {
    /// This text without white space and line ends around it.
    package func trimmed() -> String {
        // Most texts have nothing to take off, and bytes tell so sooner than characters do.
        let visible: ClosedRange<UInt8> = 0x21...0x7E
        if let first = utf8.first, let last = utf8.last, visible.contains(first), visible.contains(last) { return self }
        let kept = drop { $0.isWhitespace || $0.isNewline }
        guard let last = kept.lastIndex(where: { !$0.isWhitespace && !$0.isNewline }) else { return "" }
        return String(kept[...last])
    }
}
