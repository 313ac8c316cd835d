import AlulaJSON
import ArgumentParser

/// `alula devices rotate`.
struct DevicesRotateCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Give a device a new token; the old one stops working.",
        usage: """
            alula devices rotate --device 4f0c… --role operator
            alula devices rotate --device 4f0c… --scope operator.read
            """,
        discussion: """
            The new token is printed for whoever administers the gateway on its own machine, and nowhere else. A device \
            that knows the shared secret fetches it by itself.
            """)

    @OptionGroup var target: DeviceRoleOptions
    @Option(
        help: ArgumentHelp("What the new token may do, within what was granted; repeat for more.", valueName: "scope"))
    var scope: [String] = []
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var parameters = target.parameters
        if !scope.isEmpty { parameters["scopes"] = .array(scope.map { .string($0) }) }
        let answer = try await session.askAboutDevice("device.token.rotate", .object(parameters))
        if options.json {
            session.output.document(answer)
        } else if let token = answer["token"]?.string {
            session.output.note("The old token no longer works. Give the device this one; it is not shown again.")
            session.output.line(token)
        } else {
            session.output.line("The old token no longer works. The device gets the new one when it connects.")
        }
        return .done
    }
}
