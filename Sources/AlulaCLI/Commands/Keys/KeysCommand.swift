import ArgumentParser

/// `alula keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make and revoke API keys with which programs ask models.",
        usage: """
            alula keys create laptop
            alula keys list
            """,
        discussion: """
            A key opens the model APIs (/v1/…) and nothing else, so that no program needs the gateway's own token. Only \
            digests of keys are kept. A running gateway follows every change at once.
            """,
        subcommands: [KeysCreateCommand.self, KeysListCommand.self, KeysRevokeCommand.self],
        defaultSubcommand: KeysListCommand.self)
}
