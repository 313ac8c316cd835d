import ArgumentParser

/// `alula gateway`.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Run the gateway, or talk to the one that runs.",
        usage: """
            alula gateway run --port 18789
            alula gateway status
            alula gateway call models.list --params '{"view":"all"}'
            """,
        subcommands: [
            GatewayRunCommand.self, GatewayStatusCommand.self, GatewayHealthCommand.self, GatewayCallCommand.self,
            GatewayProbeCommand.self, ServiceInstallCommand.self, ServiceUninstallCommand.self,
            ServiceStartCommand.self, ServiceStopCommand.self, ServiceRestartCommand.self,
        ],
        aliases: ["daemon"])
}
