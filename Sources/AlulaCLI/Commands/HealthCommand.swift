import ArgumentParser

/// `alula health`.
struct HealthCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the running gateway how it is doing.",
        usage: """
            alula health
            alula health --json
            """)

    @Flag(help: "Show more.") var verbose = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        try await HealthReport.run(session)
    }
}
