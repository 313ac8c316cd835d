import AlulaJSON
import ArgumentParser

/// `alula models explain`.
struct ModelsExplainCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show which models and logins a request would try now, and what keeps the others out.",
        usage: """
            alula models explain
            alula models explain openai/gpt-5.5
            alula models explain openclaw/work
            """,
        discussion: "Nothing is asked, and no rest of a login is touched.")

    @Argument(help: "A model as a request would name it; without it what the default agent uses.")
    var model = "openclaw"
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.ask("models.explain", ["model": .string(model)])
        let attempts = answer["attempts"]?.array ?? []
        if options.json {
            session.output.document(answer)
        } else if options.plain {
            for attempt in attempts {
                session.output.line("\(attempt["model"]?.string ?? "") \(attempt["login"]?.string ?? "")")
            }
        } else {
            ExplanationRenderer(answer: answer, output: session.output).print()
        }
        return attempts.isEmpty ? .no : .done
    }
}
