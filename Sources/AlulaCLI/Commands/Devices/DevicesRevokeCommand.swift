import AlulaJSON
import ArgumentParser

/// `alula devices revoke`.
struct DevicesRevokeCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a role away from a device until it is approved again.",
        usage: "alula devices revoke --device 4f0c… --role operator")

    @OptionGroup var target: DeviceRoleOptions
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.askAboutDevice("device.token.revoke", .object(target.parameters))
        if options.json {
            session.output.document(answer)
        } else {
            session.output.line(
                "Revoked the role \(target.role) of \(target.device). It has to be approved again to come back.")
        }
        return .done
    }
}
