import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula gateway probe`.
struct GatewayProbeCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Try to reach the gateway and say what it lets this caller do.",
        usage: """
            alula gateway probe
            alula gateway probe --url ws://127.0.0.1:18789 --json
            """,
        discussion: "Ends with 1 when no gateway lets this caller in.")

    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let began = session.environment.now()
        let reach = try await GatewayReach.probe(session)
        let duration = session.environment.now().duration(since: began)
        if options.json {
            session.output.document(
                reach.payload(at: began, duration: duration, timeout: session.context.timeout))
        } else {
            print(reach, session.output)
        }
        return reach.isReachable ? .done : .no
    }

    private func print(_ reach: GatewayReach, _ output: OutputRenderer) {
        output.facts([
            ("Gateway", reach.isReachable ? "reachable" : "not reachable"),
            ("Address", reach.url),
            ("Answers in", reach.latency.map { "\($0.milliseconds) ms" }),
            ("Role", reach.role),
            ("Scopes", reach.scopes.isEmpty ? nil : reach.scopes.joined(separator: ", ")),
            ("Capability", reach.capability.rawValue),
            ("Version", reach.hello?["server"]?["version"]?.string),
            ("Problem", reach.failure?.message),
        ])
        for warning in reach.warnings { output.note(warning.message) }
    }
}
