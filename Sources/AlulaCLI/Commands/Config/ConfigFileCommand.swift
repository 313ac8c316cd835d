import AlulaJSON
import AlulaState
import ArgumentParser

/// `alula config file`.
struct ConfigFileCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "file", abstract: "Print where the configuration file is.", usage: "alula config file")

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let path = session.context.layout.configuration
        if options.json { session.output.document(["path": .string(path)]) } else { session.output.line(path) }
        return .done
    }
}
