package import AlulaPrimitives

/// The answer for one provider and agent, with everything that was weighed for it.
package struct ProviderEvaluation: Hashable, Sendable {
    package var provider: ProviderID
    package var availability: Availability
    /// In order of precedence. The first available one is the evidence.
    package var candidates: [EvaluatedCandidate]

    package init(provider: ProviderID, candidates: [EvaluatedCandidate]) {
        self.provider = provider
        self.candidates = candidates
        availability = Self.verdict(over: candidates)
    }

    /// The first available candidate wins. Without one, a candidate that can't be told makes the whole unknown;
    /// else the answer that ends soonest by itself is given, or the first reason there is.
    private static func verdict(over candidates: [EvaluatedCandidate]) -> Availability {
        var unknown: Availability?
        var soonest: (availability: Availability, until: Timestamp)?
        var first: Availability?
        for candidate in candidates {
            switch candidate.availability {
            case .available:
                return candidate.availability
            case .unknown:
                unknown = unknown ?? candidate.availability
            case .unavailable(_, let until):
                first = first ?? candidate.availability
                if let until, soonest.map({ until < $0.until }) ?? true {
                    soonest = (candidate.availability, until)
                }
            }
        }
        return unknown ?? soonest?.availability ?? first ?? .unavailable(.noLogin, until: nil)
    }
}

/// One way in which a provider could be reached, and what became of it.
package struct EvaluatedCandidate: Hashable, Sendable {
    /// Such as `env: OPENAI_API_KEY`, `profile:openai:work` or `models.json`.
    package var label: String
    package var profile: ProfileID?
    package var availability: Availability
    /// What is wrong with the source behind this candidate, with its place and remedy.
    package var problem: SourceProblem?
    /// What exactly is in the way, for people, where the availability says it in general only.
    package var detail: String?

    package init(
        label: String, profile: ProfileID? = nil, availability: Availability, problem: SourceProblem? = nil,
        detail: String? = nil
    ) {
        self.label = label
        self.profile = profile
        self.availability = availability
        self.problem = problem
        self.detail = detail
    }

    /// What the candidate would use, when it is usable.
    package var evidence: Evidence? { if case .available(let evidence) = availability { evidence } else { nil } }
}
