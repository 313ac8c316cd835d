import ArgumentParser

/// `alula models`.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Show models and providers, and manage logins.",
        usage: """
            alula models status
            alula models list --provider openai
            alula models explain openai/gpt-5.5
            alula models auth paste-api-key --provider groq
            """,
        subcommands: [
            ModelsStatusCommand.self, ModelsListCommand.self, ModelsExplainCommand.self, ModelsAuthCommand.self,
        ],
        defaultSubcommand: ModelsStatusCommand.self)
}
