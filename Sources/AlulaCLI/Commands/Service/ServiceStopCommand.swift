import AlulaJSON
import ArgumentParser

/// `alula service stop`.
struct ServiceStopCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the gateway's service.", usage: "alula service stop")

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let service = GatewayService(session)
        try await service.steer("stop")
        if options.json {
            session.output.document(["ok": true, "action": "stop", "result": "stopped"])
        } else {
            session.output.line("Stopped: \(service.unit.name)")
        }
        return .done
    }
}
