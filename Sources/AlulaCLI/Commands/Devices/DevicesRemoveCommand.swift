import AlulaJSON
import ArgumentParser

/// `alula devices remove`.
struct DevicesRemoveCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Forget a paired device and end its connections.",
        usage: "alula devices remove 4f0c…", aliases: ["rm"])

    @Argument(help: "The device's id, from alula devices list.") var device: String
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.askAboutDevice("device.pair.remove", ["deviceId": .string(device)])
        if options.json {
            session.output.document(answer)
        } else {
            session.output.line("Removed \(device).")
        }
        return .done
    }
}
