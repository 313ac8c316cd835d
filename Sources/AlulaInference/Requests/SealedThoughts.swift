/// Thoughts that only their provider can use, as one text that passes through callers of every dialect.
///
/// Callers send such a text back as it came, in whatever place their dialect has for it, and the next provider that is
/// asked may be another one. So the text says what it is.
package enum SealedThoughts: Hashable, Sendable {
    /// Encrypted thoughts that their provider knows by a name, and wants back under it.
    case named(id: String, data: String)
    /// Encrypted thoughts without a name.
    case unnamed(data: String)
    /// The proof of thoughts that can be read, which stand beside it.
    case signature(String)

    private static let mark = "alula."

    /// Reads a text that ``text`` made; `nil` for any other, which is what some provider gave.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.mark) else { return nil }
        let words = text.dropFirst(Self.mark.count).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2 else { return nil }
        switch words[0] {
        case "named":
            let parts = words[1].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            self = .named(id: String(parts[0]), data: String(parts[1]))
        case "unnamed": self = .unnamed(data: String(words[1]))
        case "signature": self = .signature(String(words[1]))
        default: return nil
        }
    }

    /// A name must not have a dot in it, or it is left out.
    package var text: String {
        switch self {
        case .named(let id, let data): "\(Self.mark)named.\(id.contains(".") ? "" : id).\(data)"
        case .unnamed(let data): "\(Self.mark)unnamed.\(data)"
        case .signature(let signature): "\(Self.mark)signature.\(signature)"
        }
    }
}
