package import AlulaAuth
package import AlulaModels
package import AlulaPrimitives

/// Which models and logins a request would try now, and what keeps the others out.
package struct ModelExplanation: Hashable, Sendable {
    /// One way to reach a model's provider.
    package struct Source: Hashable, Sendable {
        /// Whether a request could be made with it now.
        package enum State: Hashable, Sendable {
            case ready
            case resting(UsageWindow)
            /// For people or a stable word; `until` as ``Availability`` has it.
            case out(String, until: Timestamp?)
        }

        /// As reports name a source.
        package let label: String
        package let state: State

        package init(label: String, state: State) {
            self.label = label
            self.state = state
        }
    }

    /// One model of the request, in the order of the request.
    package struct Candidate: Hashable, Sendable {
        package let model: ModelReference
        /// `nil` when nobody knows what its provider speaks.
        package let api: APIKind?
        /// Why it would not be asked at all; for people.
        package let exclusion: String?
        package let sources: [Source]

        package init(model: ModelReference, api: APIKind?, exclusion: String?, sources: [Source]) {
            self.model = model
            self.api = api
            self.exclusion = exclusion
            self.sources = sources
        }
    }

    /// The caller's word.
    package let asked: String
    package let agent: AgentID
    package let chain: FailoverChain
    package let candidates: [Candidate]

    package init(asked: String, agent: AgentID, chain: FailoverChain, candidates: [Candidate]) {
        self.asked = asked
        self.agent = agent
        self.chain = chain
        self.candidates = candidates
    }
}
