package import AlulaJSON

/// Why an edit of the configuration was refused. Nothing was changed.
package struct ConfigurationEditError: Error {
    /// Raw values are stable: they appear in logs and in `--json` output.
    package enum Code: String, CaseIterable, Sendable {
        /// The configuration can't be read as it is, so there is nothing to edit; only a whole new text can mend it.
        case unreadable
        /// The new text is no JSON5.
        case syntax
        /// A redaction marker stands where nothing is that it could stand for.
        case unrestorable
        /// The value comes from an included file in a way that leaves no single place to edit.
        case included
        /// Elements of a list would go, and nobody said that they should.
        case dropsEntries = "drops_entries"
        /// There is no such place, such as one below a text.
        case noSuchPlace = "no_such_place"
        /// The result has mistakes that were not there before.
        case invalid
    }

    /// What kind of refusal it is.
    package let code: Code
    /// One sentence for the person who asked, without values.
    package let message: String
    /// Where in the configuration; the root for all of it.
    package let path: ConfigurationPath
    /// The mistakes of the result, for ``Code/invalid`` and ``Code/unreadable``.
    package let problems: [ConfigurationProblem]

    init(
        _ code: Code, _ message: String, at path: ConfigurationPath = .root, problems: [ConfigurationProblem] = []
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.problems = problems
    }
}
