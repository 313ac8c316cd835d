import ArgumentParser

/// `alula models auth order`.
struct AuthOrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Show or change in which order a provider's logins are tried.",
        usage: """
            alula models auth order get --provider openai
            alula models auth order set --provider openai openai:work openai:home
            alula models auth order clear --provider openai
            """,
        subcommands: [AuthOrderGetCommand.self, AuthOrderSetCommand.self, AuthOrderClearCommand.self])
}
