import AlulaJSON

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
