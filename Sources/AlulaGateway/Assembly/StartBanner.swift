import AlulaAuth
import AlulaModels
import AlulaPrimitives

/// What a person reads after the gateway has started: which providers can be used, and how to get one more.
enum StartBanner {
    static func text(_ prepared: PreparedAuth, now: Timestamp) -> String {
        let reader = AuthReader(prepared, now: now)
        var lines: [String] = []
        for provider in reader.prepared.agents[reader.agent]?.providers.sorted() ?? []
        where provider != ProviderTable.testProvider {
            guard case .available(let evidence) = reader.availability(of: provider) else { continue }
            // An alias repeats the provider whose login it shares.
            guard reader.table[provider] != nil || reader.prepared.context.providers[provider] != nil else { continue }
            lines.append("  \(provider): \(evidence.label)")
        }
        let wanted = prepared.context.providersInUse.first { !reader.availability(of: $0).isAvailable }
        var text =
            lines.isEmpty ? "No provider can be used yet." : "Usable providers:\n" + lines.joined(separator: "\n")
        if let wanted, let remedy = reader.answer(for: wanted).remedy {
            text += "\nFor \(wanted): \(remedy)"
        }
        return text + "\nMore: alula models status"
    }
}
