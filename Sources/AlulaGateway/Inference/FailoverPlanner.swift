import AlulaAuth
import AlulaConfiguration
import AlulaInference
import AlulaModels
import AlulaPrimitives

/// Finds out through which logins each model may be asked, from the prepared facts.
struct FailoverPlanner {
    let state: LoadedState
    let evaluators: EvaluatorSource
    let now: Timestamp
    let agent: AgentID
    /// What was recorded about profiles since the facts were prepared.
    let recentUsage: [ProfileID: ProfileUsage]
    /// The kinds of API that are spoken, as far as they have what is asked for.
    let kinds: Set<APIKind>
    /// Through which profile of a provider the conversation was answered last.
    var pinned: (ProviderID) -> ProfileID? = { _ in nil }
    /// What models are asked for.
    var operation = Operation.answers
    /// What a model has to take besides text.
    var needs: [RequestNeed] = []

    /// What a model can be asked for.
    enum Operation: Sendable {
        case answers
        case vectors
    }

    func plan(_ candidates: [ModelReference]) -> FailoverPlan {
        FailoverPlan(
            candidates: candidates.map { model in
                guard operation == .vectors, let wanted = candidates.first, !wanted.isSameModel(as: model) else {
                    return candidate(model)
                }
                return .init(model: model, logins: [], exclusion: "another model's vectors mean something else")
            })
    }

    private func candidate(_ model: ModelReference) -> FailoverPlan.Candidate {
        guard let kind = state.catalog.api(of: model), kinds.contains(kind) else {
            let name = state.catalog.api(of: model)?.rawValue ?? "its provider's API"
            let lack = operation == .vectors ? "has no embeddings here" : "is not spoken by this version yet"
            return .init(model: model, logins: [], exclusion: "\(name) \(lack)")
        }
        let lacks = needs.filter { state.catalog[model]?.lacks($0.capability) == true }
        guard lacks.isEmpty else { return .init(model: model, lacking: lacks) }
        let evaluation = evaluators.evaluation(of: model.provider, for: agent, at: now)
        var logins: [Login] = []
        for candidate in evaluation.candidates {
            guard let login = login(of: candidate, for: model, kind), !logins.contains(login) else { continue }
            // What the owner has every request show counts in place of all logins.
            guard login == .configuredKey || !hasOwnProof(model.provider) else { continue }
            logins.append(login)
        }
        logins = ranked(logins, for: model)
        if let pinned = model.profile { logins = logins.filter { $0 == .profile(pinned) } }
        guard logins.isEmpty else { return .init(model: model, logins: logins) }
        return .init(model: model, logins: [], exclusion: exclusion(evaluation, model))
    }

    private func hasOwnProof(_ provider: ProviderID) -> Bool {
        state.configuration.models[provider]?.request.auth.secret != nil
    }

    /// The profiles among `logins` in the order that counts for this model: whether a provider can answer is weighed for all
    /// its models, and so puts a profile last that rests for another one.
    private func ranked(_ logins: [Login], for model: ModelReference) -> [Login] {
        guard logins.count(where: { if case .profile = $0 { true } else { false } }) > 1 else { return logins }
        let evaluator = evaluators.evaluator(at: now)
        let order = ProfileOrder.resolve(
            model.provider, in: evaluator.effectiveStore(for: agent).overlaying(usage: recentUsage),
            context: evaluator.context, now: evaluator.now, model: model.model)
        let places = Dictionary(order.ranked.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var profiles = logins.compactMap { if case .profile(let id) = $0 { id } else { nil } }
            .sorted { (places[$0] ?? .max, $0.rawValue) < (places[$1] ?? .max, $1.rawValue) }[...]
        // One that rests is passed over like any other, so that it only has to be the first.
        if let pinned = pinned(model.provider), let place = profiles.firstIndex(of: pinned) {
            profiles.insert(profiles.remove(at: place), at: profiles.startIndex)
        }
        return logins.map { login in
            guard case .profile = login, let next = profiles.popFirst() else { return login }
            return .profile(next)
        }
    }

    /// What a weighed source opens; `nil` for one that opens nothing. One that only rests still counts, since the failover
    /// knows for which models it rests.
    func login(of candidate: EvaluatedCandidate, for model: ModelReference, _ kind: APIKind) -> Login? {
        switch candidate.availability {
        case .available(let evidence):
            return Self.isUsable(evidence, for: model.provider, kind) ? Login(evidence) : nil
        case .unavailable(let reason, _):
            switch reason {
            case .coolingDown, .billingDisabled, .credentialRejected, .usageLimit:
                return candidate.profile.map { .profile($0) }
            // Whether it is time to try again is decided where it is renewed or exchanged.
            case .refreshFailed:
                let isTried = Self.takesOAuth(model.provider, kind) || state.catalog.isCopilot(model.provider)
                return isTried ? candidate.profile.map { .profile($0) } : nil
            case .noLogin, .expired, .invalidExpiry, .missingCredential, .unresolvedReference, .modeMismatch,
                .providerMismatch, .switchedOff, .unusableStore, .incompleteSettings, .invalidSettings:
                return nil
            }
        case .unknown: return nil
        }
    }

    /// Whether a request can be made with it. Logins that have to be signed with are not used yet.
    private static func isUsable(_ evidence: Evidence, for provider: ProviderID, _ kind: APIKind) -> Bool {
        // Other tools' logins are for other kinds of API.
        if case .login = evidence.source { return false }
        switch evidence.mode {
        case .apiKey: return kind != .openAIChatGPTResponses
        case .token: return true
        case .oauth:
            // A token in a variable is somebody else's to renew.
            if kind == .anthropicMessages, case .environment = evidence.source { return true }
            return takesOAuth(provider, kind)
        case .aws: return false
        }
    }

    /// Whether an OAuth login's access token opens this kind of API as a key would. OpenAI's own API takes keys only, and
    /// ChatGPT's accounts have an API of their own.
    private static func takesOAuth(_ provider: ProviderID, _ kind: APIKind) -> Bool {
        switch kind {
        case .openAIChatGPTResponses: true
        case .openAICompletions, .openAIResponses: provider != "openai"
        default: false
        }
    }

    private func exclusion(_ evaluation: ProviderEvaluation, _ model: ModelReference) -> String {
        if let pinned = model.profile { return "the login \(pinned) can't be used" }
        return switch evaluation.availability {
        case .available: "its login can't be used for requests by this version yet"
        case .unavailable(let reason, _): "no login can be used (\(reason.rawValue))"
        case .unknown(let reason): "whether a login can be used is not known (\(reason.rawValue))"
        }
    }
}

extension ModelReference {
    /// Whether it names the same model, as far as names tell: routers put the maker's name in front.
    fileprivate func isSameModel(as other: ModelReference) -> Bool {
        func name(_ model: ModelReference) -> String {
            (model.model.rawValue.split(separator: "/").last ?? "").lowercased()
        }
        return name(self) == name(other)
    }
}

extension Login {
    fileprivate init(_ evidence: Evidence) {
        self =
            switch evidence.source {
            case .environment(let variable): .environment(variable)
            case .profile(let id), .login(_, let id): .profile(id)
            case .configuration: .configuredKey
            case .googleCredentials, .aws: .ambient(evidence.label)
            case .localServer, .builtIn: .unneeded
            }
    }
}
