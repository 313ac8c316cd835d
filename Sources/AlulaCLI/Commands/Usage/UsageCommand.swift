import AlulaInference
import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula usage`.
struct UsageCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Show what requests to models took and cost.",
        usage: """
            alula usage
            alula usage --by day --days 7
            alula usage --by key --from 2026-11-01 --to 2026-11-28 --json
            """,
        discussion: """
            A running gateway is asked; without one its database is read. Days begin at midnight on the gateway's clock. \
            Prices are the built-in ones and those of models.providers.*.models[].cost, which count more; what has no price \
            is counted and said.
            """)

    /// By what the table is divided.
    enum Division: String, CaseIterable, ExpressibleByArgument {
        case model, provider, key, agent, day
    }

    @Option(help: ArgumentHelp("One row for each model, provider, key, agent or day.", valueName: "what"))
    var by = Division.model
    @Option(help: ArgumentHelp("So many days, today included; 30 when nothing is said.", valueName: "count"))
    var days: Int?
    @Option(help: ArgumentHelp("The first day.", valueName: "YYYY-MM-DD")) var from: String?
    @Option(help: ArgumentHelp("The last day; today when only the first is said.", valueName: "YYYY-MM-DD"))
    var to: String?
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func validate() throws {
        if let days, !(1...3660).contains(days) { throw ValidationError("--days is a number from 1 to 3660.") }
        if days != nil, from != nil { throw ValidationError("Either --days or --from.") }
        for day in [from, to].compactMap(\.self) where CivilDay(day) == nil {
            throw ValidationError("A day is written as 2026-11-28.")
        }
        if let first = from.flatMap({ CivilDay($0) }), let last = to.flatMap({ CivilDay($0) }), last < first {
            throw ValidationError("--to is before --from.")
        }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var parameters = JSONObject([("mode", "gateway"), ("groupBy", .string(by.rawValue))])
        parameters["days"] = days.map { .number($0) }
        parameters["startDate"] = from.map { .string($0) }
        parameters["endDate"] = to.map { .string($0) }
        let answer = try await session.ask("usage.cost", .object(parameters))
        if options.json {
            session.output.document(answer)
        } else {
            UsageRenderer(answer: answer, division: by, output: session.output).print()
        }
        return .done
    }
}
