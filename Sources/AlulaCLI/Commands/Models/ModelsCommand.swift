import ArgumentParser

/// `alula models`.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Show models and providers, and manage logins.",
        usage: """
            alula models status
            alula models list --provider openai
            alula models auth paste-api-key --provider groq
            """,
        subcommands: [ModelsStatusCommand.self, ModelsListCommand.self, ModelsAuthCommand.self],
        defaultSubcommand: ModelsStatusCommand.self)
}

/// `alula models auth`.
struct ModelsAuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "List, add, order and remove logins.",
        usage: """
            alula models auth list
            alula models auth paste-api-key --provider groq < key.txt
            alula models auth order set --provider openai openai:work openai:home
            """,
        subcommands: [
            AuthListCommand.self, AuthPasteAPIKeyCommand.self, AuthPasteTokenCommand.self, AuthLogoutCommand.self,
            AuthClearCooldownCommand.self, AuthOrderCommand.self,
        ],
        defaultSubcommand: AuthListCommand.self)
}

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
