import AlulaJSON
import AlulaSystem
import ArgumentParser

/// Runs one command line.
package enum CommandLineTool {
    /// Parses `arguments`, which do not include the program's name, and runs the command that they name.
    ///
    /// Errors are told on standard error, with `--json` as one document on standard output.
    package static func run(_ arguments: [String], in environment: CommandEnvironment) async -> ExitStatus {
        let line = CommandLineArguments(arguments)
        let terminal = environment.terminal
        do {
            var command = try AlulaCommand.parseAsRoot(line.arguments)
            try await CommandEnvironment.$current.withValue(environment) {
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            }
            return .done
        } catch let code as ExitCode {
            return ExitStatus(rawValue: code.rawValue)
        } catch is CancellationError {
            return .temporary
        } catch let error as CommandError {
            tell(error.message, asJSON: line.wantsJSON, terminal)
            return error.status
        } catch let error as SystemError {
            // The machine refused: a disk that does not answer, a right that is missing.
            tell(error.message, asJSON: line.wantsJSON, terminal)
            return .temporary
        } catch {
            return tell(parserError: error, line: line, environment)
        }
    }

    /// Help and version are asked for and no errors, though the parser throws them.
    private static func tell(
        parserError error: any Error, line: CommandLineArguments, _ environment: CommandEnvironment
    ) -> ExitStatus {
        let code = AlulaCommand.exitCode(for: error)
        guard code != .success else {
            let message = AlulaCommand.fullMessage(for: error)
            // The parser's own flag knows the root's version only; ours is the executable's.
            environment.terminal.write((line.asksForVersion ? "alula \(environment.version)" : message) + "\n")
            return .done
        }
        guard code == .validationFailure else {
            tell("Something went wrong inside alula: \(type(of: error)).", asJSON: line.wantsJSON, environment.terminal)
            return .internalError
        }
        if line.wantsJSON {
            tell(AlulaCommand.message(for: error), asJSON: true, environment.terminal)
        } else {
            environment.terminal.writeError(AlulaCommand.fullMessage(for: error) + "\n")
        }
        return .usage
    }

    private static func tell(_ message: String, asJSON: Bool, _ terminal: any Terminal) {
        if asJSON {
            let document: JSONValue = ["ok": false, "error": ["type": "cli_error", "message": .string(message)]]
            terminal.write(document.text(.pretty) + "\n")
        } else {
            terminal.writeError("alula: \(OutputRenderer.printable(message))\n")
        }
    }
}
