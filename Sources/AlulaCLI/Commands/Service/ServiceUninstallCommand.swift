import AlulaJSON
import ArgumentParser

/// `alula service uninstall`.
struct ServiceUninstallCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Stop the gateway's service and remove its unit.",
        usage: "alula service uninstall")

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let service = GatewayService(session)
        let wasThere = try await service.uninstall()
        if options.json {
            session.output.document(["ok": true, "action": "uninstall", "removed": .bool(wasThere)])
        } else {
            session.output.line(wasThere ? "Removed: \(service.unit.path)" : "The service was not installed.")
        }
        return .done
    }
}
