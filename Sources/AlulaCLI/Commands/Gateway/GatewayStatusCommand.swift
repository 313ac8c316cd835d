import ArgumentParser

/// `alula gateway status`.
struct GatewayStatusCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether a gateway runs here and whether it answers.",
        usage: """
            alula gateway status
            alula gateway status --require-rpc
            """)

    @Flag(help: "Look at files and locks only.") var noProbe = false
    @Flag(help: "End with a failure unless the gateway answers.") var requireRpc = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let report = try await GatewayProbe(session: session).report(probes: !noProbe)
        if options.json { session.output.document(report.payload) } else { print(report, session.output) }
        return requireRpc && !report.answers ? .unreachable : .done
    }

    private func print(_ report: GatewayProbe.Report, _ output: OutputRenderer) {
        output.facts([
            ("Gateway", report.headline),
            ("Address", report.url),
            ("Answers", report.url == nil || noProbe ? nil : report.answers ? "yes" : "no"),
            ("Problem", report.error?.message),
            ("Config", "\(report.configurationPath) (\(report.isConfigurationValid ? "valid" : "invalid"))"),
            ("State", report.statePath),
        ])
        if report.url == nil { output.note("Start one with: alula gateway run") }
    }
}
