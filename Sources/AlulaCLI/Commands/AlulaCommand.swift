import ArgumentParser

/// `alula`.
struct AlulaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alula",
        abstract: "A self-hosted gateway to every model provider that you have a login for.",
        usage: """
            alula gateway run
            alula models status
            alula doctor
            """,
        version: "alula",
        subcommands: [
            GatewayCommand.self, StatusCommand.self, TopCommand.self, HealthCommand.self, ModelsCommand.self,
            UsageCommand.self, AgentsCommand.self, DevicesCommand.self, KeysCommand.self, ConfigCommand.self,
            DoctorCommand.self, LogsCommand.self, ServiceCommand.self, CompletionCommand.self, ServeCommand.self,
        ])
}
