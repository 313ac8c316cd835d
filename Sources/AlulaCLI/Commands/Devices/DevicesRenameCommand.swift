import AlulaJSON
import ArgumentParser

/// `alula devices rename`.
struct DevicesRenameCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give a paired device a name for people.",
        usage: """
            alula devices rename 4f0c… "Desk in the hall"
            alula devices rename 4f0c… ""
            """,
        discussion: "An empty name takes it away again; then the device shows as what it calls itself.")

    @Argument(help: "The device's id, from alula devices list.") var device: String
    @Argument(help: "The name, up to 64 characters.") var name: String
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.askAboutDevice(
            "device.pair.rename", ["deviceId": .string(device), "label": .string(name)])
        if options.json {
            session.output.document(answer)
        } else {
            session.output.line(name.isEmpty ? "\(device) has no name any more." : "\(device) is now: \(name)")
        }
        return .done
    }
}
