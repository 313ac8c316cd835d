import ArgumentParser

/// `alula devices`.
struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Show, approve and remove devices that use the gateway.",
        usage: """
            alula devices list
            alula devices approve 1c9b0a52-66c1-4a6e-9b1f-2f8f4d3f7a10
            """,
        subcommands: [
            DevicesListCommand.self, DevicesApproveCommand.self, DevicesRejectCommand.self, DevicesRemoveCommand.self,
            DevicesRenameCommand.self, DevicesClearCommand.self, DevicesRotateCommand.self, DevicesRevokeCommand.self,
        ], defaultSubcommand: DevicesListCommand.self)
}
