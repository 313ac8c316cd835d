package import AlulaJSON
package import AlulaModels
package import AlulaPrimitives

/// One model, asked once through one login, whatever it is asked for.
package struct CallTarget: Sendable {
    /// Who is asked.
    package let route: FailoverRoute
    /// What is known of the model; `nil` for one that no list has.
    package let model: CatalogModel?
    /// For whom.
    package let agent: AgentID
    /// Where the provider is reached; `nil` for one that is not behind an address.
    package let baseURL: String?
    /// When the caller stops waiting, or the provider's own time is over.
    package let deadline: Deadline
    /// Whether the owner says how long the provider may take as a whole; then a silence alone ends nothing.
    package let isTimed: Bool
    /// Members of bodies of `openai-completions` that the owner adds. What the request itself says counts more.
    package let members: JSONObject

    /// - Parameter time: What the provider may take from now on, the caller's time permitting; `nil` sets it no limit of
    ///   its own.
    package init(
        _ route: FailoverRoute, to model: CatalogModel? = nil, for agent: AgentID, at baseURL: String? = nil,
        adding members: JSONObject = JSONObject(), within time: Duration? = nil, until deadline: Deadline
    ) {
        self.route = route
        self.model = model
        self.agent = agent
        self.baseURL = baseURL
        self.deadline = time.map { deadline.capped(at: $0) } ?? deadline
        isTimed = time != nil
        self.members = members
    }
}

/// One call for an answer.
package struct ModelCall: Sendable {
    /// What is asked. The model in it is the caller's spelling; ``target`` says who is asked.
    package let request: InferenceRequest
    package let target: CallTarget

    package init(_ request: InferenceRequest, to target: CallTarget) {
        self.request = request
        self.target = target
    }

    package init(
        _ request: InferenceRequest, through route: FailoverRoute, to model: CatalogModel? = nil, for agent: AgentID,
        at baseURL: String? = nil, until deadline: Deadline
    ) {
        self.init(request, to: CallTarget(route, to: model, for: agent, at: baseURL, until: deadline))
    }

    package var route: FailoverRoute { target.route }
    package var model: CatalogModel? { target.model }
    package var agent: AgentID { target.agent }
    package var baseURL: String? { target.baseURL }
    package var deadline: Deadline { target.deadline }
}

/// One call for vectors.
package struct EmbeddingCall: Sendable {
    /// What is asked. The model in it is the caller's spelling; ``target`` says who is asked.
    package let request: EmbeddingRequest
    package let target: CallTarget

    package init(_ request: EmbeddingRequest, to target: CallTarget) {
        self.request = request
        self.target = target
    }
}
