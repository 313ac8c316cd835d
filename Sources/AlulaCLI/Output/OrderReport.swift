import AlulaJSON
import AlulaPrimitives

/// What the three commands print.
struct OrderReport {
    let provider: ProviderID
    let place: CredentialPlace
    let order: [ProfileID]?

    func print(_ output: OutputRenderer) {
        guard !output.isJSON else {
            output.document([
                "agentId": .string(place.agent.rawValue), "agentDir": .string(place.directory),
                "provider": .string(provider.rawValue), "authStatePath": .string(place.statePath),
                "order": order.map { .array($0.map { .string($0.rawValue) }) } ?? .null,
            ])
            return
        }
        if output.isPlain {
            for id in order ?? [] { output.line(id.rawValue) }
            return
        }
        output.facts([
            ("Agent", place.agent.rawValue), ("Provider", provider.rawValue), ("File", place.statePath),
            (
                "Order",
                order.map { $0.isEmpty ? "none: switched off" : $0.map(\.rawValue).joined(separator: ", ") }
                    ?? "by the rules"
            ),
        ])
    }
}
