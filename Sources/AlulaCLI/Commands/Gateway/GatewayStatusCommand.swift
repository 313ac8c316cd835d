import AlulaJSON
import ArgumentParser

/// `alula gateway status`.
struct GatewayStatusCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether a gateway runs here and whether it answers.",
        usage: """
            alula gateway status
            alula gateway status --require-rpc
            """,
        discussion: """
            Also says how the gateway's service stands, where systemd can be asked. That there is none is no failure.
            """)

    @Flag(help: "Look at files and locks only.") var noProbe = false
    @Flag(help: "End with a failure unless the gateway answers.") var requireRpc = false
    @Flag(help: .hidden) var deep = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let report = try await GatewayProbe(session: session).report(probes: !noProbe)
        let service = GatewayService(session)
        let state = try await service.glance()
        let other = try await service.referenceUnit()
        if options.json {
            let others = other.map { Self.row(service.unit.referenceName, $0) }
            session.output.document(
                report.payload(service: state.payload(service.unit), others: others.map { [$0] } ?? []))
        } else {
            print(report, state, other, session.output)
        }
        return requireRpc && !report.answers ? .unreachable : .done
    }

    private static func row(_ name: String, _ path: String) -> JSONValue {
        ["platform": "linux", "label": .string(name), "detail": .string("unit: \(path)"), "scope": "user"]
    }

    private func print(
        _ report: GatewayProbe.Report, _ service: GatewayService.State, _ other: String?, _ output: OutputRenderer
    ) {
        output.facts([
            ("Gateway", report.headline),
            ("Address", report.url),
            ("Answers", report.url == nil || noProbe ? nil : report.answers ? "yes" : "no"),
            ("Problem", report.error?.message),
            ("Service", service.headline),
            ("Manager", service.absence ?? (service.isInstalled ? "systemd, of this user" : nil)),
            ("Also there", other),
            ("Config", "\(report.configurationPath) (\(report.isConfigurationValid ? "valid" : "invalid"))"),
            ("State", report.statePath),
        ])
        if report.url == nil { output.note("Start one with: alula gateway run") }
    }
}
