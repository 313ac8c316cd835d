import AlulaJSON

/// What `config.get` answered, from a running gateway or from this process: the same either way.
struct ConfigurationAnswer {
    /// Whether there is something to show.
    enum State: String {
        case loaded, blank, unreadable
    }

    /// One problem, in the words of the answer.
    struct Problem {
        var isError: Bool
        var value: JSONValue

        /// As editors and people read it: `openclaw.json:3:14: error: gateway.port: …`.
        var line: String {
            let file = value["file"]?.string ?? ""
            let place = ["line", "column"].compactMap { value[$0]?.integer.map(String.init) }.joined(separator: ":")
            let subject = value["path"]?.string.flatMap { $0.isEmpty ? nil : "\($0): " } ?? ""
            return "\(file):\(place): \(isError ? "error" : "warning"): \(subject)\(value["message"]?.string ?? "")"
        }

        /// For `--json`, where the remedy stands by itself.
        var issue: JSONValue {
            guard var object = value.object, let message = object["message"]?.string else { return value }
            if let remedy = object["remedy"]?.string, message.hasSuffix(" " + remedy) {
                object["message"] = .string(String(message.dropLast(remedy.count + 1)))
            }
            return .object(object)
        }

        /// Where it is, for sorting.
        private var place: (Int64, Int64) { (value["line"]?.integer ?? 0, value["column"]?.integer ?? 0) }

        /// By place, the main file first.
        static func isBefore(_ left: Problem, _ right: Problem, mainFile: String) -> Bool {
            let (mine, theirs) = (left.value["file"]?.string ?? "", right.value["file"]?.string ?? "")
            guard mine == theirs else { return mine == mainFile || (theirs != mainFile && mine < theirs) }
            return left.place < right.place
        }
    }

    let path: String
    let state: State
    /// Without secrets.
    let value: JSONValue
    let problems: [Problem]

    var errors: [Problem] { problems.filter(\.isError) }
    var warnings: [Problem] { problems.filter { !$0.isError } }

    init(_ answer: JSONValue) {
        let path = answer["path"]?.string ?? ""
        self.path = path
        // Other gateways say less.
        let isThere = answer["exists"]?.bool ?? true
        state = answer["state"]?.string.flatMap { State(rawValue: $0) } ?? (isThere ? .loaded : .blank)
        value = answer["resolved"] ?? [:]
        let errors = (answer["issues"]?.array ?? []).map { Problem(isError: true, value: $0) }
        let warnings = (answer["warnings"]?.array ?? []).map { Problem(isError: false, value: $0) }
        problems = (errors + warnings).sorted { Problem.isBefore($0, $1, mainFile: path) }
    }
}
