import ArgumentParser

/// `alula completion`.
struct CompletionCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print what makes a shell complete alula's commands.",
        usage: """
            alula completion bash > ~/.local/share/bash-completion/completions/alula
            alula completion zsh > ~/.zfunc/_alula
            alula completion fish > ~/.config/fish/completions/alula.fish
            """)

    @Argument(help: "bash, zsh or fish.") var name: String?
    @Option(name: [.long, .short], help: ArgumentHelp("The same as the argument.", visibility: .hidden))
    var shell: String?
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard let wanted = name ?? shell else {
            throw CommandError(.usage, "Name a shell: alula completion bash, zsh or fish.")
        }
        guard let kind = CompletionShell(rawValue: wanted) else {
            throw CommandError(.usage, "There are completions for bash, zsh and fish, and none for \"\(wanted)\".")
        }
        session.environment.terminal.write(AlulaCommand.completionScript(for: kind) + "\n")
        return .done
    }
}
