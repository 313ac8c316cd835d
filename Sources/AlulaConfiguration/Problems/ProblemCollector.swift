import AlulaJSON

/// Gathers the problems of one load. It stays within the call that made it.
final class ProblemCollector {
    /// More than this many are counted and not kept: a file of a million unknown keys is one mistake.
    static let maximumProblems = 500

    /// The files that were read so far; places refer to them by index.
    private(set) var files: [String] = []
    /// Errors so far. An entry whose decoding raised it is refused.
    private(set) var errorCount = 0
    private var problems: [(file: Int, problem: ConfigurationProblem)] = []
    private var dropped = 0

    /// Whether further problems are only counted, so that their messages need no care.
    var isFull: Bool { problems.count >= Self.maximumProblems }

    /// Adds a file; returns its index.
    func add(file: String) -> Int {
        files.append(file)
        return files.count - 1
    }

    /// Adds a problem at `place`, whose file was added before.
    func add(
        _ severity: ConfigurationProblem.Severity, _ code: ConfigurationProblem.Code, _ path: ConfigurationPath,
        at place: SourcePlace, _ message: String, remedy: String = ""
    ) {
        if severity == .error { errorCount += 1 }
        guard !isFull else {
            dropped += 1
            return
        }
        problems.append(
            (
                Int(place.file),
                ConfigurationProblem(
                    severity: severity, code: code, path: path, file: files[Int(place.file)], line: Int(place.line),
                    column: Int(place.column), message: message, remedy: remedy)
            ))
    }

    /// Keeps the errors since `count` as problems, but no longer as a reason to refuse what lies around them.
    func forgiveErrors(since count: Int) { errorCount = min(errorCount, count) }

    /// All of them, in the order of their places; the file that was read first comes first.
    func sorted() -> [ConfigurationProblem] {
        var sorted = problems.sorted { left, right in
            (left.file, left.problem.line, left.problem.column) < (right.file, right.problem.line, right.problem.column)
        }.map(\.problem)
        if dropped > 0 {
            sorted.append(
                ConfigurationProblem(
                    severity: .warning, code: .tooManyProblems, path: .root, file: files.first ?? "", line: 1,
                    column: 1,
                    message: "There are \(dropped) more problems than are shown.", remedy: "Mend these first."))
        }
        return sorted
    }
}
