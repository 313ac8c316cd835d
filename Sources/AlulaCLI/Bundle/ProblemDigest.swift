import AlulaConfiguration
import AlulaJSON
import AlulaSystem

/// Problems of the configuration as a bundle shows them: what and where, without anything that was quoted.
enum ProblemDigest {
    /// - Parameter names: Keys that somebody chose get their pseudonyms.
    static func shown(_ problem: ConfigurationProblem, main: String, names: inout BundleNames) -> JSONValue {
        let file = problem.file == main ? PathText.name(of: main) : names.name(problem.file, .file)
        return [
            "severity": .string(problem.severity.rawValue), "code": .string(problem.code.rawValue),
            "path": .string(path(problem.path, names: &names)),
            "file": .string(main == problem.file && !StateDigest.isKnown(file) ? "configuration" : file),
            "line": .number(problem.line), "column": .number(problem.column),
            "message": .string(withoutQuotes(problem.message)), "remedy": .string(withoutQuotes(problem.remedy)),
        ]
    }

    private static func path(_ path: ConfigurationPath, names: inout BundleNames) -> String {
        var digest = ConfigurationDigest(names: names)
        var place: ConfigurationSchema.Place? = ConfigurationSchema.current.root
        var keys: [String] = []
        var shown: [ConfigurationPath.Component] = []
        for component in path.components {
            switch component {
            case .index: shown.append(component)
            case .key(let key): shown.append(.key(digest.key(key, place, keys)))
            }
            place = place?[component.key]
            keys.append(component.key)
        }
        names = digest.names
        return "\(ConfigurationPath(shown))"
    }

    /// `text` with nothing between quotes, and no name of a variable.
    static func withoutQuotes(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(where: { $0 == "\"" || $0 == "`" || $0 == "$" }) {
            result += rest[..<start]
            let isVariable = rest[start...].hasPrefix("${")
            let closing: Character = isVariable ? "}" : rest[start]
            let inner = rest[rest.index(after: start)...]
            guard rest[start] != "$" || isVariable, let end = inner.firstIndex(of: closing) else {
                // An open quote: what follows may be anything.
                if rest[start] != "$" { return result + "…" }
                result.append("$")
                rest = inner
                continue
            }
            result += isVariable ? "${…}" : "\"…\""
            rest = inner[inner.index(after: end)...]
        }
        let words = (result + rest).split(separator: " ", omittingEmptySubsequences: false)
        return words.map { isVariableName($0) ? "(variable)" : String($0) }.joined(separator: " ")
    }

    private static func isVariableName(_ word: Substring) -> Bool {
        word.contains("_") && word.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 0x5F }
    }
}
