import ArgumentParser

/// `alula models auth`.
struct ModelsAuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "List, add, order and remove logins.",
        usage: """
            alula models auth list
            alula models auth login --provider openai-codex
            alula models auth paste-api-key --provider groq < key.txt
            alula models auth order set --provider openai openai:work openai:home
            """,
        subcommands: [
            AuthListCommand.self, AuthLoginCommand.self, AuthPasteAPIKeyCommand.self, AuthPasteTokenCommand.self,
            AuthLogoutCommand.self, AuthClearCooldownCommand.self, AuthOrderCommand.self,
        ],
        defaultSubcommand: AuthListCommand.self)
}
