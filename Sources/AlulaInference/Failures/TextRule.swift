/// What a text must hold to mean something. Texts are compared in lower case.
indirect enum TextRule: Hashable, Sendable {
    /// These characters, anywhere.
    case holds(String)
    /// These characters with neither a letter nor a digit beside them.
    case word(String)
    /// These characters at the beginning.
    case starts(String)
    case any([TextRule])
    case all([TextRule])
    case not(TextRule)
    /// At most this many bytes; longer texts are pages or answers that only mention a word.
    case isShort(Int)

    /// One of these, anywhere.
    static func anyOf(_ phrases: String...) -> TextRule { .any(phrases.map { .holds($0) }) }

    /// - Parameter text: In lower case.
    func matches(_ text: String) -> Bool {
        switch self {
        case .holds(let phrase): text.firstRange(of: phrase) != nil
        case .word(let word): Self.holdsWord(word, text)
        case .starts(let phrase): text.hasPrefix(phrase)
        case .any(let rules): rules.contains { $0.matches(text) }
        case .all(let rules): rules.allSatisfy { $0.matches(text) }
        case .not(let rule): !rule.matches(text)
        case .isShort(let length): text.utf8.count <= length
        }
    }

    private static func holdsWord(_ word: String, _ text: String) -> Bool {
        var rest = text[...]
        while let range = rest.firstRange(of: word) {
            let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : " "
            let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
            if !before.isLetter, !before.isNumber, !after.isLetter, !after.isNumber { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}
