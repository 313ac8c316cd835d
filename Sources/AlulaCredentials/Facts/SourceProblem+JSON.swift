import AlulaAuth
import AlulaJSON

extension SourceProblem {
    /// A file that is no JSON. The place is given and nothing of the text.
    ///
    /// - Parameter what: The file in words, to begin a sentence with.
    static func malformed(_ error: JSONError, what: String, path: String, remedy: String) -> SourceProblem {
        let fault =
            switch error.code {
            case .empty: "is empty"
            case .unexpectedEnd: "stops in the middle; it may have been cut, or still be written"
            case .tooDeep: "is nested too deeply"
            case .invalidUTF8: "is not UTF-8"
            case .trailingContent: "goes on after its end"
            case .unexpectedCharacter, .invalidNumber, .invalidEscape, .invalidString, .tooLarge, .invalidPath,
                .noSuchPlace:
                "is not valid JSON"
            }
        return SourceProblem(
            .malformed, "\(what) \(fault).", path: path, line: error.line, column: error.column, remedy: remedy)
    }
}
