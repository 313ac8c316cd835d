import AlulaAuth
import AlulaConfiguration
import AlulaInference
import AlulaModels
import AlulaPrimitives

/// Finds out which providers can be asked how much of an account's allowance is used, and through which login, from the
/// prepared facts.
struct QuotaPlanner {
    /// A provider that can be asked.
    struct Item: Hashable, Sendable {
        let displayName: String
        let question: QuotaQuestion
    }

    let state: LoadedState
    let evaluators: EvaluatorSource
    let table: QuotaTable
    let now: Timestamp

    /// For the default agent's logins, in the table's order.
    var items: [Item] {
        let agent = state.context.defaultAgent
        let stored = evaluators.evaluator(at: now).effectiveStore(for: agent).profiles
        return table.entries.compactMap { provider, entry in
            // What the owner has every request show counts in place of all logins, and is for requests.
            guard state.configuration.models[provider]?.request.auth.secret == nil,
                let url = entry.url(behind: state.catalog.endpoint(of: provider)?.baseURL)
            else { return nil }
            let evaluation = evaluators.evaluation(of: provider, for: agent, at: now)
            for candidate in evaluation.candidates {
                let fact = candidate.profile.flatMap { stored[$0]?.fact }
                guard let login = Self.login(of: candidate, fact, for: entry) else { continue }
                let question = QuotaQuestion(
                    provider, as: entry.format, at: url, for: agent, through: login, stored: fact)
                return Item(displayName: Self.name(of: provider), question: question)
            }
            return nil
        }
    }

    /// What a weighed source opens, if it has an allowance. A login that only rests is asked about: its allowance may be what
    /// is used up.
    private static func login(
        of candidate: EvaluatedCandidate, _ fact: ProfileFact?, for entry: QuotaEntry
    ) -> Login? {
        switch candidate.availability {
        case .available(let evidence):
            guard let kind = kind(of: evidence.mode), entry.logins.contains(kind) else { return nil }
            switch evidence.source {
            case .profile(let id): return .profile(id)
            case .environment(let variable):
                return entry.variables?.contains(variable) ?? true ? .environment(variable) : nil
            case .configuration: return .configuredKey
            // Other tools' logins are theirs to ask about.
            case .login, .googleCredentials, .aws, .localServer, .builtIn: return nil
            }
        case .unavailable(let reason, _):
            switch reason {
            // Whether it is time to renew it is decided where that is done.
            case .coolingDown, .billingDisabled, .credentialRejected, .usageLimit, .refreshFailed:
                guard let fact, fact.provenance == .stored, entry.logins.contains(kind(of: fact.kind)) else {
                    return nil
                }
                return candidate.profile.map { .profile($0) }
            case .noLogin, .expired, .invalidExpiry, .missingCredential, .unresolvedReference, .modeMismatch,
                .providerMismatch, .switchedOff, .unusableStore, .incompleteSettings, .invalidSettings:
                return nil
            }
        case .unknown: return nil
        }
    }

    private static func kind(of mode: Evidence.Mode) -> QuotaEntry.LoginKind? {
        switch mode {
        case .oauth: .account
        case .token: .token
        case .apiKey: .key
        case .aws: nil
        }
    }

    private static func kind(of kind: ProfileFact.Kind) -> QuotaEntry.LoginKind {
        switch kind {
        case .oauth: .account
        case .token: .token
        case .apiKey: .key
        }
    }

    private static func name(of provider: ProviderID) -> String {
        let name = ProviderTable.builtIn.statusName(of: provider)
        return name == provider.rawValue ? ProviderTable.builtIn[provider]?.displayName ?? name : name
    }
}
