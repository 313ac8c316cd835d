import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem

/// Answers questions about use, from the database on the disk, with a running gateway or without.
struct UsageDesk: Sendable {
    private static let deadline = Duration.seconds(20)

    let path: String
    let pool: BlockingPool
    let now: @Sendable () -> Timestamp
    /// Seconds that this machine's clock is ahead of UTC.
    let utcOffset: @Sendable (Timestamp) -> Int
    /// Has what waits written first.
    var flush: @Sendable () async -> Void = {}

    func answer(_ query: UsageQuery) async throws(GatewayError) -> JSONValue {
        let time = now()
        let period = try query.period(at: time, local: utcOffset)
        await flush()
        do {
            return try await pool.run("read use", deadline: .after(Self.deadline)) { [path] in
                var slices = try UsageReader.slices(at: path, in: period.reach)
                if let agent = query.agent { slices.removeAll { $0.names.agent != agent } }
                // Nothing is known of a conversation.
                if query.session != nil { slices = [] }
                let report = UsageReport(period, slices)
                return switch query.action {
                case .cost: report.costPayload(at: time, by: query.grouping)
                case .sessions: report.sessionsPayload(at: time)
                }
            }
        } catch {
            throw .unavailable("Use can't be read at the moment. \(Self.reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        (error as? StateError)?.message ?? (error as? SystemError)?.message ?? "Try again in a moment."
    }
}
