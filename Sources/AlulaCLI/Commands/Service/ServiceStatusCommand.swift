import AlulaJSON
import ArgumentParser

/// `alula service status`.
struct ServiceStatusCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether the gateway's service is installed and running.",
        usage: "alula service status",
        discussion: "Ends with 0 when it runs, with 1 when it does not, with 69 when there is no systemd to ask.")

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let service = GatewayService(session)
        let state = try await service.state()
        if options.json {
            session.output.document(["service": state.payload(service.unit)])
        } else {
            let running = "\(state.active)\(state.sub.isEmpty ? "" : " (\(state.sub))")"
            session.output.facts([
                ("Service", service.unit.name),
                ("Installed", state.isInstalled ? "yes, \(service.unit.path)" : "no"),
                ("At login", state.isInstalled ? (state.isEnabled ? "started" : "not started") : nil),
                ("State", state.isInstalled && state.absence == nil ? running : nil),
                ("Process", state.processID.map { "\($0)" }),
                ("Problem", state.absence),
            ])
            if state.absence != nil {
                session.output.note("Run the gateway under your own supervisor with: alula gateway run")
            } else if !state.isInstalled {
                session.output.note("Install it with: alula service install")
            }
        }
        if state.absence != nil { return .unreachable }
        return state.isRunning ? .done : .no
    }
}
