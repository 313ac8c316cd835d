package import AlulaJSON

/// Something in the configuration that somebody should look at. It never quotes a value, so it can't show a secret.
package struct ConfigurationProblem: Hashable, Sendable {
    /// How much it matters.
    package enum Severity: String, CaseIterable, Sendable {
        /// A value was refused: its entry is off, or a default stands in for it.
        case error
        /// Everything counts as written.
        case warning
    }

    /// What is wrong. Raw values are stable: they appear in logs and in `--json` output.
    package enum Code: String, CaseIterable, Sendable {
        /// Not JSON5.
        case syntax
        /// The text stops inside a value, as that of a file does that is still being written.
        case truncated
        /// Nested too deep to be a configuration.
        case tooDeep = "too_deep"
        case fileTooLarge = "file_too_large"
        case unreadableFile = "unreadable_file"
        /// The file as a whole is not an object.
        case notAnObject = "not_an_object"
        case missingInclude = "missing_include"
        /// Outside the directories that may be included from, or hard-linked.
        case forbiddenInclude = "forbidden_include"
        case circularInclude = "circular_include"
        /// Not a path, too many files, or nested too deep.
        case invalidInclude = "invalid_include"
        case duplicateKey = "duplicate_key"
        case unknownKey = "unknown_key"
        case wrongType = "wrong_type"
        case outOfRange = "out_of_range"
        case invalidValue = "invalid_value"
        case missingValue = "missing_value"
        case duplicateEntry = "duplicate_entry"
        /// Two settings contradict each other.
        case conflict
        /// A `${NAME}` whose variable is not set, or empty.
        case unresolvedVariable = "unresolved_variable"
        /// Known from OpenClaw, without effect here so far.
        case unsupported
        /// Known from an older OpenClaw and read as its successor.
        case deprecated
        /// There were more problems than are kept.
        case tooManyProblems = "too_many_problems"
    }

    /// Whether something was refused.
    package let severity: Severity
    /// What kind of problem it is.
    package let code: Code
    /// Where it is in the resolved configuration; the root for a file as a whole.
    package let path: ConfigurationPath
    /// The file it is written in, as it was asked for.
    package let file: String
    /// The first line is 1.
    package let line: Int
    /// The first column is 1; counted in Unicode scalars.
    package let column: Int
    /// One sentence: what is wrong, and what that means.
    package let message: String
    /// One sentence: what to do. Empty when ``message`` says it all.
    package let remedy: String

    /// Takes every part as it is.
    package init(
        severity: Severity, code: Code, path: ConfigurationPath, file: String, line: Int, column: Int, message: String,
        remedy: String
    ) {
        self.severity = severity
        self.code = code
        self.path = path
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.remedy = remedy
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `openclaw.json:3:14: error: gateway.port: …`, as editors and people read it.
    package var description: String {
        let place = "\(file):\(line):\(column): \(severity.rawValue): "
        let subject = path.isRoot ? "" : "\(path): "
        return place + subject + message + (remedy.isEmpty ? "" : " " + remedy)
    }
}
