package import AlulaInference
package import AlulaJSON
import AlulaModels
package import AlulaPrimitives

extension UsageReport {
    /// The result of `usage.cost`, which is also what `alula usage --json` prints.
    ///
    /// - Parameter grouping: Adds `groups`, what costs most first; `nil` leaves them out.
    package func costPayload(at now: Timestamp, by grouping: UsageGrouping?) -> JSONValue {
        var object = JSONObject([
            ("updatedAt", now.json), ("days", .number(period.dayCount)),
            ("startDate", .string("\(period.first)")), ("endDate", .string("\(period.last)")),
            (
                "daily",
                .array(days.map { day, totals in .object(totals.payload(after: [("date", .string("\(day)"))])) })
            ),
            ("totals", .object(totals.payload())),
        ])
        object["groups"] = grouping.map { .array(groups($0)) }
        return .object(object)
    }

    private func groups(_ grouping: UsageGrouping) -> [JSONValue] {
        switch grouping {
        case .model:
            models.map { model, totals in
                .object(
                    totals.payload(after: [
                        ("provider", .string(model.provider.rawValue)), ("model", .string(model.model.rawValue)),
                    ]))
            }
        case .provider:
            providers.map { .object($1.payload(after: [("provider", .string($0.rawValue))])) }
        case .key:
            // The gateway's own secret has no name.
            apiKeys.map { .object($1.payload(after: [("key", $0.map { .string($0) } ?? .null)])) }
        case .agent:
            agents.map { .object($1.payload(after: [("agentId", $0.map { .string($0.rawValue) } ?? .null)])) }
        case .day:
            days.map { .object($1.payload(after: [("date", .string("\($0)"))])) }
        }
    }
}

extension UsageTotals {
    /// The reference's members, then ours.
    func payload(after first: [(String, JSONValue)] = []) -> JSONObject {
        JSONObject(
            first + [
                ("input", .number(tokens.input)), ("output", .number(tokens.output)),
                ("cacheRead", .number(tokens.cacheRead)), ("cacheWrite", .number(tokens.cacheWrite)),
                ("totalTokens", .number(tokens.total)), ("totalCost", Self.dollars(cost.total)),
                ("inputCost", Self.dollars(cost.input)), ("outputCost", Self.dollars(cost.output)),
                ("cacheReadCost", Self.dollars(cost.cacheRead)), ("cacheWriteCost", Self.dollars(cost.cacheWrite)),
                ("missingCostEntries", .number(withoutCost)), ("reasoning", .number(tokens.reasoning)),
                ("requests", .number(requests)), ("failed", .number(failed)), ("cancelled", .number(cancelled)),
                ("incomplete", .number(incomplete)),
            ])
    }

    /// Billionths of a dollar as dollars. It is the last step: nothing is added up in floating point.
    static func dollars(_ billionths: Int64) -> JSONValue { .number(Double(billionths) / 1e9) }
}
