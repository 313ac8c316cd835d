package import AlulaModels
package import AlulaPrimitives

/// One way to reach models: a folder of `AlulaProviders` for each kind of API.
package protocol ModelProvider: Sendable {
    /// Asks one model once. Whatever goes on for the answer ends with the task that reads it, and with the stream itself.
    ///
    /// - Throws: ``AttemptFailure`` when the model does not answer, `CancellationError` when nobody waits any more.
    func answer(_ call: ModelCall) async throws -> any AnswerStream
}

/// A provider that says how many tokens a request has before anybody answers it.
package protocol TokenCounting: Sendable {
    /// - Throws: ``AttemptFailure`` when the provider does not count, `CancellationError` when nobody waits any more.
    func countTokens(_ call: ModelCall) async throws -> Int
}

/// One model, asked once through one login.
package struct ModelCall: Sendable {
    /// What is asked. The model in it is the caller's spelling; ``route`` says who is asked.
    package let request: InferenceRequest
    package let route: FailoverRoute
    /// What is known of the model; `nil` for one that no list has.
    package let model: CatalogModel?
    /// For whom.
    package let agent: AgentID
    /// Where the provider is reached; `nil` for one that is not behind an address.
    package let baseURL: String?
    /// When the caller stops waiting.
    package let deadline: Deadline

    package init(
        _ request: InferenceRequest, through route: FailoverRoute, to model: CatalogModel? = nil, for agent: AgentID,
        at baseURL: String? = nil, until deadline: Deadline
    ) {
        self.request = request
        self.route = route
        self.model = model
        self.agent = agent
        self.baseURL = baseURL
        self.deadline = deadline
    }
}

/// An answer under way, read by one reader at the reader's pace: what is not asked for is not fetched.
package protocol AnswerStream: Sendable {
    /// The next piece; `nil` after the last one.
    ///
    /// - Throws: ``AttemptFailure`` when the answer breaks off, `CancellationError` when nobody waits any more. Nothing
    ///   follows either.
    mutating func next() async throws -> InferenceEvent?
}

extension AttemptFailure: Error {}
