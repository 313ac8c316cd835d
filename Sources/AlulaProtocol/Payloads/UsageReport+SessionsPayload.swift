package import AlulaInference
package import AlulaJSON
import AlulaModels
package import AlulaPrimitives

extension UsageReport {
    /// The result of `sessions.usage`. There are no conversations here, and so no messages, tools and channels of any; what
    /// requests to models took is told by model, provider and agent all the same.
    package func sessionsPayload(at now: Timestamp) -> JSONValue {
        [
            "updatedAt": now.json, "startDate": .string("\(period.first)"), "endDate": .string("\(period.last)"),
            "sessions": [], "totals": .object(totals.payload()),
            "aggregates": [
                "messages": [
                    "total": 0, "user": 0, "assistant": 0, "toolCalls": 0, "toolResults": 0, "errors": 0,
                ],
                "tools": ["totalCalls": 0, "uniqueTools": 0, "tools": []],
                "byModel": .array(
                    models.map { model, totals in
                        [
                            "provider": .string(model.provider.rawValue), "model": .string(model.model.rawValue),
                            "count": .number(totals.requests), "totals": .object(totals.payload()),
                        ]
                    }),
                "byProvider": .array(
                    providers.map { provider, totals in
                        [
                            "provider": .string(provider.rawValue), "count": .number(totals.requests),
                            "totals": .object(totals.payload()),
                        ]
                    }),
                "byAgent": .array(
                    agents.compactMap { agent, totals in
                        agent.map { ["agentId": .string($0.rawValue), "totals": .object(totals.payload())] }
                    }),
                "byChannel": [],
                "modelDaily": .array(modelDays),
                "daily": .array(
                    days.map { day, totals in
                        [
                            "date": .string("\(day)"), "tokens": .number(totals.tokens.total),
                            "cost": UsageTotals.dollars(totals.cost.total), "messages": 0, "toolCalls": 0,
                            "errors": .number(totals.failed),
                        ]
                    }),
            ],
        ]
    }

    private var modelDays: [JSONValue] {
        divided { ModelDay(day: $0.day, model: $0.names.model) }.map { place, totals in
            [
                "date": .string("\(place.day)"), "provider": .string(place.model.provider.rawValue),
                "model": .string(place.model.model.rawValue), "tokens": .number(totals.tokens.total),
                "cost": UsageTotals.dollars(totals.cost.total), "count": .number(totals.requests),
            ]
        }
    }
}

private struct ModelDay: Hashable {
    let day: CivilDay
    let model: ModelReference
}
