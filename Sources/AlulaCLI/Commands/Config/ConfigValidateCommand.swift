import AlulaJSON
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
        let answer = ConfigurationAnswer(try await session.ask("config.get"))
        let (errors, warnings) = (answer.errors, answer.warnings)
        let failure: String? =
            switch answer.state {
            case .unreadable: errors.first?.line ?? "The file can't be read."
            case .blank: "The file is missing or empty."
            case .loaded: nil
            }
        let isValid = failure == nil && errors.isEmpty
        if options.json {
            var object = JSONObject()
            object["valid"] = .bool(isValid)
            object["path"] = .string(answer.path)
            object["issues"] = failure == nil && !errors.isEmpty ? .array(errors.map(\.issue)) : nil
            object["error"] = failure.map { .string($0) }
            object["warnings"] = warnings.isEmpty ? nil : .array(warnings.map(\.issue))
            session.output.document(.object(object))
        } else {
            for problem in answer.problems { session.output.line(problem.line) }
            if let failure, errors.isEmpty { session.output.line("\(answer.path): \(failure)") }
            let count = warnings.isEmpty ? "" : " (\(warnings.count) \(warnings.count == 1 ? "warning" : "warnings"))"
            session.output.line(isValid ? "\(answer.path) is valid\(count)." : "\(answer.path) is not valid\(count).")
        }
        return isValid ? .done : .no
    }
}
