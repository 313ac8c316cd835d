import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// `usage.*` and `sessions.usage`.
    static let usage: [GatewayMethod] = [
        GatewayMethod(
            "sessions.usage", .scope(.read),
            .object(
                period + [
                    .optional("key", .nonEmptyString), .optional("agentId", .nonEmptyString),
                    .optional("limit", .integer(minimum: 1)), .optional("includeContextWeight", .boolean),
                    .optional("groupBy", .nonEmptyString),
                ]),
            "What conversations took, of which there are none yet, and what all requests to models took beside them.",
            result:
                "`{updatedAt, startDate, endDate, sessions[], totals, aggregates{messages, tools, byModel[], byProvider[], byAgent[], byChannel[], modelDaily[], daily[]}}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.usage(try UsageQuery(.sessions, parameters))
        },
        GatewayMethod(
            "usage.cost", .scope(.read),
            .object(period + [.optional("groupBy", .enumeration(UsageGrouping.allCases.map(\.rawValue)))]),
            "What requests to models took and cost, by day; days without any are left out.",
            result:
                "`{updatedAt, days, startDate, endDate, daily[{date, …totals}], totals{input, output, cacheRead, cacheWrite, totalTokens, totalCost, inputCost, outputCost, cacheReadCost, cacheWriteCost, missingCostEntries, reasoning, requests, failed, cancelled, incomplete}, groups?[{provider?, model?, key?, agentId?, date?, …totals}]}`; tokens from a cache are not in `input`, costs are US dollars, and `missingCostEntries` counts the requests that they are without"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.usage(try UsageQuery(.cost, parameters))
        },
        GatewayMethod(
            "usage.status", .scope(.read), .nothing,
            "How much of their accounts' quotas providers say is used. They are asked, at most once a minute.",
            result:
                "`{updatedAt, providers[{provider, displayName, windows[{label, usedPercent, resetAt?}], summary?, plan?, error?}]}` for the logins of the default agent that have a quota"
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.quotas(caller) },
    ]

    /// Which days are meant; without any, the last 30.
    static let period: [ParameterSchema.Property] = [
        .optional("startDate", .nonEmptyString), .optional("endDate", .nonEmptyString),
        .optional("days", .integer(minimum: 1, maximum: 3660)),
        .optional("mode", .enumeration(["utc", "gateway", "specific"])), .optional("utcOffset", .nonEmptyString),
    ]
}
