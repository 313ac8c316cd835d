import AlulaJSON
import ArgumentParser

/// `alula service restart`.
struct ServiceRestartCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Stop and start the gateway's service.", usage: "alula service restart")

    @Flag(help: .hidden) var safe = false
    @Flag(help: .hidden) var force = false
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let service = GatewayService(session)
        try await service.steer("restart")
        if options.json {
            session.output.document(["ok": true, "action": "restart", "result": "restarted"])
        } else {
            session.output.line("Restarted: \(service.unit.name)")
        }
        return .done
    }
}
