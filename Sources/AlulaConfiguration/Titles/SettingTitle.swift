import AlulaJSON

/// What a setting is called, and what it is for, in the words that people see.
package struct SettingTitle: Hashable, Sendable {
    /// A few words.
    package let label: String
    /// One sentence.
    package let help: String
    /// Whether most people never need it.
    package let isAdvanced: Bool
}

extension SettingTitle {
    /// A line of the table for one or several places.
    struct Line: Sendable {
        /// Names as in the schema; a list in braces stands for each of its words in turn.
        let names: [String]
        let title: SettingTitle

        init(_ pattern: String, _ label: String, _ help: String, isAdvanced: Bool = false) {
            names = Self.expanded(pattern)
            title = SettingTitle(label: label, help: help, isAdvanced: isAdvanced)
        }

        private static func expanded(_ pattern: String) -> [String] {
            guard let start = pattern.firstIndex(of: "{"), let end = pattern[start...].firstIndex(of: "}") else {
                return [pattern]
            }
            let rest = expanded(String(pattern[pattern.index(after: end)...]))
            let words = pattern[pattern.index(after: start)..<end].split(
                separator: ",", omittingEmptySubsequences: false)
            return words.flatMap { word in rest.map { pattern[..<start] + word + $0 } }
        }
    }

    /// Every line.
    static let lines: [Line] = gateway + models + agents + logins + secrets + parameters + requests + rest

    /// The titles by the places' names.
    static let table: [String: SettingTitle] = Dictionary(
        lines.flatMap { line in line.names.map { ($0, line.title) } }, uniquingKeysWith: { first, _ in first })

    /// What a reference to a secret consists of, wherever one stands.
    private static let reference: [String: SettingTitle] = [
        "source": SettingTitle(label: "Source", help: "What kind of place the secret is in.", isAdvanced: false),
        "provider": SettingTitle(
            label: "Provider", help: "The provider of secrets to ask; without it the default of the source.",
            isAdvanced: false),
        "id": SettingTitle(label: "Id", help: "Which secret it is there.", isAdvanced: false),
    ]

    /// The title of a place. What is kept without being read has one made from its key.
    package static func title(of place: ConfigurationSchema.Place) -> SettingTitle {
        if let title = table[place.name] { return title }
        let key = place.path.components.last?.key ?? ""
        if !place.isKept, let title = reference[key] { return title }
        return SettingTitle(
            label: spaced(key), help: "Kept as it is written; it has no effect on this gateway.", isAdvanced: true)
    }

    /// `maxOutputBytes` as `Max output bytes`.
    static func spaced(_ key: String) -> String {
        var words = ""
        for character in key {
            if character.isUppercase, let last = words.last, last.isLowercase || last.isNumber { words += " " }
            words += words.isEmpty ? character.uppercased() : character.lowercased()
        }
        return words
    }
}
