import AlulaJSON
import ArgumentParser

/// `alula health`.
struct HealthCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the running gateway how it is doing.",
        usage: """
            alula health
            alula health --json
            """)

    @Flag(help: "Show more.") var verbose = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        try await HealthReport.run(session)
    }
}

/// `alula gateway health`: the same under the gateway's own name.
struct GatewayHealthCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the running gateway how it is doing.", usage: "alula gateway health")

    @Flag(help: "Show more.") var verbose = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        try await HealthReport.run(session)
    }
}

/// Asks and prints `health`, whichever command it was.
enum HealthReport {
    static func run(_ session: CommandSession) async throws -> ExitStatus {
        let health = try await session.askGateway("health")
        let isHealthy = health["ok"]?.bool ?? false
        guard !session.output.isJSON else {
            session.output.document(health)
            return isHealthy ? .done : .no
        }
        session.output.facts(
            [("Gateway", isHealthy ? "healthy" : "not healthy")]
                + (health["eventLoop"].map { [("Event loops", eventLoop($0))] } ?? [])
                + WarmReport(health["providerAuth"] ?? .null, session.output).facts)
        return isHealthy ? .done : .no
    }

    private static func eventLoop(_ value: JSONValue) -> String {
        let isDegraded = value["degraded"]?.bool ?? false
        let worst = value["delayMaxMs"]?.double.map { ", at most \(JSONNumber($0).text) ms late" } ?? ""
        return (isDegraded ? "degraded" : "on time") + worst
    }
}
