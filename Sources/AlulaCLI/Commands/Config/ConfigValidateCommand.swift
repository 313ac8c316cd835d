import AlulaConfiguration
import AlulaJSON
import AlulaState
import ArgumentParser

/// `alula config validate`.
struct ConfigValidateCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the configuration and print every problem with its place.",
        usage: """
            alula config validate
            alula config validate --json
            """,
        discussion: "Warnings alone leave the configuration valid: unknown keys are kept and never stop the gateway.")

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let outcome = try await session.environment.loadConfiguration(session.context)
        let path = session.context.layout.configuration
        let errors = outcome.problems.filter { $0.severity == .error }
        let warnings = outcome.problems.filter { $0.severity == .warning }
        var failure: String?
        switch outcome {
        case .unreadable: failure = errors.first.map { "\($0)" } ?? "The file can't be read."
        case .loaded(let loaded) where loaded.isBlank: failure = "The file is missing or empty."
        case .loaded: break
        }
        let isValid = failure == nil && errors.isEmpty
        if options.json {
            var object = JSONObject()
            object["valid"] = .bool(isValid)
            object["path"] = .string(path)
            object["issues"] = failure == nil && !errors.isEmpty ? .array(errors.map(\.issue)) : nil
            object["error"] = failure.map { .string($0) }
            object["warnings"] = warnings.isEmpty ? nil : .array(warnings.map(\.issue))
            session.output.document(.object(object))
        } else {
            for problem in outcome.problems { session.output.line("\(problem)") }
            if let failure, errors.isEmpty { session.output.line("\(path): \(failure)") }
            let count = warnings.isEmpty ? "" : " (\(warnings.count) \(warnings.count == 1 ? "warning" : "warnings"))"
            session.output.line(isValid ? "\(path) is valid\(count)." : "\(path) is not valid\(count).")
        }
        return isValid ? .done : .no
    }
}

extension ConfigurationProblem {
    /// An element of `issues` and `warnings`.
    var issue: JSONValue {
        var object = JSONObject()
        object["path"] = .string(path.isRoot ? "" : "\(path)")
        object["message"] = .string(message)
        object["code"] = .string(code.rawValue)
        object["file"] = .string(file)
        object["line"] = .number(line)
        object["column"] = .number(column)
        object["remedy"] = remedy.isEmpty ? nil : .string(remedy)
        return .object(object)
    }
}
