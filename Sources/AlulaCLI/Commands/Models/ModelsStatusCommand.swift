import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula models status`.
struct ModelsStatusCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say of every provider in use whether it can answer, and if not, why.",
        usage: """
            alula models status
            alula models status --check && echo fine
            """,
        discussion: """
            With --check the exit code says how the logins stand: 1 when one has ended or a provider in use has none, 2 \
            when one ends within 24 hours, 0 otherwise.
            """)

    @Flag(help: "End with 1 or 2 when a login has ended, is missing, or ends soon.") var check = false
    @Flag(help: "Show every provider, also those not in use.") var all = false
    @OptionGroup var agent: AgentOption
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.ask(
            "models.status", agent.id.map { ["agentId": .string($0.rawValue)] } ?? [:])
        if options.json {
            session.output.document(answer)
        } else if options.plain {
            session.output.line(answer["resolvedDefault"]?.string ?? "")
        } else {
            ModelsStatusRenderer(answer: answer, showsAll: all, output: session.output).print()
            if connection?.url == nil { try await session.noteConfigurationErrors() }
        }
        guard check else { return .done }
        guard let code = answer["check"]?["exitCode"]?.integer else {
            throw CommandError(.malformedAnswer, "The gateway's answer says nothing about the check; it may be older.")
        }
        return ExitStatus(rawValue: Int32(clamping: code))
    }
}
