import AlulaJSON
import AlulaModels
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
            alula models explain openclaw --with images --with tools
            """,
        discussion: "Nothing is asked, and no rest of a login is touched.")

    @Argument(help: "A model as a request would name it; without it what the default agent uses.")
    var model = "openclaw"
    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "What the request would hold besides text. May be given several times.",
            valueName: ModelCapability.allCases.map(\.rawValue).joined(separator: "|")))
    var needs: [ModelCapability] = []
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var parameters = JSONObject([("model", .string(model))])
        // Gateways that do not know the word yet answer what can be asked without it.
        if !needs.isEmpty { parameters["needs"] = .array(needs.map { .string($0.rawValue) }) }
        let answer = try await session.ask("models.explain", .object(parameters))
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

extension ModelCapability: ExpressibleByArgument {}
