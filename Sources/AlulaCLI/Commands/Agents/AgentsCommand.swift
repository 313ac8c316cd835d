import ArgumentParser

/// `alula agents`.
struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Show the agents.", usage: "alula agents list",
        subcommands: [AgentsListCommand.self], defaultSubcommand: AgentsListCommand.self)
}
