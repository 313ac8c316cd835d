import ArgumentParser

/// `alula config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration file, and change it.",
        usage: """
            alula config validate
            alula config get gateway.port
            alula config set gateway.port 18790
            alula config edit
            alula config schema gateway.port
            alula config file
            """,
        subcommands: [
            ConfigValidateCommand.self, ConfigGetCommand.self, ConfigSetCommand.self, ConfigUnsetCommand.self,
            ConfigEditCommand.self, ConfigSchemaCommand.self, ConfigFileCommand.self,
        ])
}
