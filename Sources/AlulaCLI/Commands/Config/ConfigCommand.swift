import ArgumentParser

/// `alula config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration file. It is never written.",
        usage: """
            alula config validate
            alula config get gateway.port
            alula config file
            """,
        subcommands: [ConfigValidateCommand.self, ConfigGetCommand.self, ConfigFileCommand.self])
}
