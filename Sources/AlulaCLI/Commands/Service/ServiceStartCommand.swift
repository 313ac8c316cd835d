import AlulaJSON
import ArgumentParser

/// `alula service start`.
struct ServiceStartCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start the gateway's service.", usage: "alula service start")

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let service = GatewayService(session)
        try await service.steer("start")
        if options.json {
            session.output.document(["ok": true, "action": "start", "result": "started"])
        } else {
            session.output.line("Started: \(service.unit.name)")
        }
        return .done
    }
}
