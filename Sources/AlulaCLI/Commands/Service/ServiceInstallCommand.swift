import AlulaJSON
import ArgumentParser

/// `alula service install`.
struct ServiceInstallCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Write the unit, and start the gateway now and at every login.",
        usage: """
            alula service install
            alula service install --port 19001
            alula service install --print
            """)

    @Option(help: ArgumentHelp("The port; default: the configured one.", valueName: "number")) var port: Int?
    @Flag(help: "Install again over a unit that is there.") var force = false
    @Flag(help: "Print the unit and change nothing.") var print = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let port, !(1...65_535).contains(port) { throw ValidationError("--port is a number from 1 to 65535.") }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var service = GatewayService(session, port: port)
        if print {
            session.environment.terminal.write(service.unit.text)
            return .done
        }
        try await service.requireManager()
        if !force, try await service.control.read(service.unit.path) != nil {
            throw CommandError(.notFound, "The service is installed already. Install it again with --force.")
        }
        try await service.install()
        if options.json {
            session.output.document([
                "ok": true, "action": "install", "service": try await service.state().payload(service.unit),
            ])
        } else {
            session.output.line("Installed and started: \(service.unit.path)")
        }
        if try await service.endsWithSession() {
            session.output.note(
                "It ends when you log out. Let it stay with: loginctl enable-linger")
        }
        return .done
    }
}
