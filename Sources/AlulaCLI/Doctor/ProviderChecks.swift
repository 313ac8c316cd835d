import AlulaAuth
import AlulaPrimitives

/// Looks at what everything else comes to: which providers can answer.
enum ProviderChecks {
    static let all: [DoctorCheck] = [
        DoctorCheck("providers.in-use") { scene in
            guard let reader = scene.reader else { return .skipped }
            return .findings(
                reader.prepared.context.providersInUse.sorted().compactMap { finding(reader.answer(for: $0)) })
        },
        DoctorCheck("providers.any") { scene in
            guard let reader = scene.reader else { return .skipped }
            let isAny = reader.prepared.context.providerIDs.contains { id in
                id != "alula" && reader.availability(of: id).isAvailable
            }
            return .findings(
                isAny
                    ? []
                    : [
                        Finding(
                            "providers.any", .warning, "No provider can answer; only the built-in test model can.",
                            fixHint: "set a key such as OPENAI_API_KEY, or run alula models auth paste-api-key")
                    ])
        },
    ]

    private static func finding(_ answer: ProviderAnswer) -> Finding? {
        guard !answer.isAvailable, let reason = answer.reason else { return nil }
        let evidence = answer.evidence.map { " (\($0))" } ?? ""
        let severity: Finding.Severity = answer.lacksCredential ? .error : .warning
        let state = if case .unknown = answer.availability { "unknown" } else { "unavailable" }
        return Finding(
            "providers.in-use", severity, "\(answer.provider) is \(state): \(reason)\(evidence).",
            path: answer.provider.rawValue, fixHint: answer.remedy)
    }
}
