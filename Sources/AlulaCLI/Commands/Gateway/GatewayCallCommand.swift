import AlulaGateway
import AlulaJSON
import ArgumentParser

/// `alula gateway call`.
struct GatewayCallCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call a method of the running gateway and print its answer.",
        usage: """
            alula gateway call health
            alula gateway call models.list --params '{"view":"all"}'
            """,
        discussion: "Methods:\n\n\(ServedMethods.help)\n\nTheir parameters: Documentation/Reference/methods.md")

    @Argument(help: "The method, such as models.list.") var method: String
    @Option(help: ArgumentHelp("The parameters, as a JSON object.", valueName: "json")) var params: String?
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.askGateway(method, try parameters())
        if options.json {
            session.environment.terminal.write(answer.text() + "\n")
        } else {
            session.output.document(answer)
        }
        return .done
    }

    private func parameters() throws -> JSONValue {
        guard let params else { return [:] }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(params)
        } catch {
            throw CommandError(.usage, "--params is not JSON: \(error)", underlying: error)
        }
        guard value.object != nil else {
            throw CommandError(.usage, "--params is a JSON object, such as '{\"view\":\"all\"}'.")
        }
        return value
    }
}
