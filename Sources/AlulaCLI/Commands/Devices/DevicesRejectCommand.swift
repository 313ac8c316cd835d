import AlulaJSON
import ArgumentParser

/// `alula devices reject`.
struct DevicesRejectCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Send a device away that waits for approval.",
        usage: "alula devices reject 1c9b0a52-66c1-4a6e-9b1f-2f8f4d3f7a10")

    @Argument(help: "The request, from alula devices list.") var requestID: String
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.askAboutDevice("device.pair.reject", ["requestId": .string(requestID)])
        if options.json {
            session.output.document(answer)
        } else {
            session.output.line("Rejected \(answer["deviceId"]?.string ?? requestID). It may ask again.")
        }
        return .done
    }
}
