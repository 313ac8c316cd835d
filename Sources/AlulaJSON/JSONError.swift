/// Why a text is not JSON, or not JSON5, and where.
package struct JSONError: Error, Hashable {
    /// What is wrong with the text. Raw values are stable: they appear in logs and in `--json` output.
    package enum Code: String, CaseIterable, Sendable {
        /// Nothing but white space.
        case empty
        /// The text stops inside a value; a file that is still being written looks like this.
        case unexpectedEnd = "unexpected_end"
        case unexpectedCharacter = "unexpected_character"
        case invalidNumber = "invalid_number"
        case invalidEscape = "invalid_escape"
        /// A raw line end or control character inside a string.
        case invalidString = "invalid_string"
        case invalidUTF8 = "invalid_utf8"
        /// Nested beyond the bound that the caller set.
        case tooDeep = "too_deep"
        /// Longer than the bound that the caller set.
        case tooLarge = "too_large"
        /// A complete value is followed by something else.
        case trailingContent = "trailing_content"
        /// Not the spelling of a ``ConfigurationPath``.
        case invalidPath = "invalid_path"
        /// An edit names a place inside a text, a number or the like, or beyond the end of an array.
        case noSuchPlace = "no_such_place"
    }

    /// What kind of mistake it is.
    package let code: Code
    /// One sentence for a person. It quotes at most one character of the text, so it can't show a credential.
    package let message: String
    /// Where it is wrong.
    package let position: SourcePosition

    /// Bytes before the place, counted from the start of the text.
    package var offset: Int { position.offset }
    /// Line of the place; the first is 1.
    package var line: Int { position.line }
    /// Column of the place in Unicode scalars; the first is 1.
    package var column: Int { position.column }

    init(_ code: Code, _ message: String, at position: SourcePosition) {
        self.code = code
        self.message = message
        self.position = position
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "line \(line), column \(column): \(message)" }
}
