import ArgumentParser

/// `alula service`.
struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service", abstract: "Let the machine run the gateway: a systemd unit of this user.",
        usage: """
            alula service install
            alula service status
            """,
        subcommands: [
            ServiceInstallCommand.self, ServiceUninstallCommand.self, ServiceStatusCommand.self,
            ServiceStartCommand.self, ServiceStopCommand.self, ServiceRestartCommand.self,
        ])
}
