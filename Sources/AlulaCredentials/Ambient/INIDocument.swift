import AlulaPrimitives

/// The sections of an AWS configuration file.
struct INIDocument {
    /// One `[section]`; keys are in lower case.
    struct Section {
        var name: String
        var values: [String: String]
    }

    private(set) var sections: [Section] = []
    /// Lines that are neither section, setting nor comment; the first is 1.
    private(set) var malformedLines: [Int] = []

    /// Reads what it can of `text`.
    ///
    /// An indented line belongs to the setting above it and is skipped. A later value of a key counts.
    init(_ text: String) {
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            guard let first = line.first else { continue }
            let isIndented = first == " " || first == "\t"
            let content = String(line).trimmed()
            guard let start = content.first, start != "#", start != ";" else { continue }
            if start == "[" {
                guard let end = content.firstIndex(of: "]") else {
                    malformedLines.append(number)
                    continue
                }
                sections.append(Section(name: Self.name(content[..<end].dropFirst()), values: [:]))
            } else if isIndented, sections.last.map({ !$0.values.isEmpty }) ?? false {
                continue
            } else if let equals = content.firstIndex(of: "="), !sections.isEmpty {
                let key = String(content[..<equals]).trimmed().lowercased()
                let value = Self.withoutComment(content[content.index(after: equals)...])
                sections[sections.count - 1].values[key] = value
            } else {
                malformedLines.append(number)
            }
        }
    }

    /// Section names are words with single spaces between them; quotes around a word are dropped.
    private static func name(_ text: Substring) -> String {
        String(text.filter { $0 != "\"" && $0 != "'" }).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// A comment after a value needs a space in front of its sign, because values may hold one.
    private static func withoutComment(_ text: Substring) -> String {
        var previous: Character = " "
        for (index, character) in zip(text.indices, text) {
            if character == "#" || character == ";", previous.isWhitespace, index != text.startIndex {
                return String(text[..<index]).trimmed()
            }
            previous = character
        }
        return String(text).trimmed()
    }
}
