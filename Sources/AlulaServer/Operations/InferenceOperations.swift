package import AlulaInference
package import AlulaModels
package import AlulaPrimitives

/// The operation behind the model APIs.
package protocol InferenceOperations: Sendable {
    /// Finds somebody who answers, and returns once the first piece of the answer is there.
    ///
    /// - Parameter deadline: When the caller stops waiting for the end of the answer.
    /// - Throws: `AnswerError` when nobody answers, `CancellationError` when nobody waits any more.
    func answer(_ request: InferenceRequest, until deadline: Deadline) async throws -> BegunAnswer

    /// Finds somebody who makes vectors of a request's inputs.
    ///
    /// - Throws: `AnswerError` when nobody does, `CancellationError` when nobody waits any more.
    func embed(_ request: EmbeddingRequest, until deadline: Deadline) async throws -> MadeVectors

    /// Finds out how many tokens a request has, without an answer to it.
    ///
    /// - Parameter estimate: What is answered where nobody can be asked.
    /// - Throws: `AnswerError` when the model does not exist or may not be chosen, `CancellationError`.
    func countTokens(
        of request: InferenceRequest, estimate: Int, until deadline: Deadline
    ) async throws -> TokenCount
}

/// Vectors of all inputs of a request.
package struct MadeVectors: Sendable {
    /// Who made them, as the gateway calls it.
    package let model: ModelReference
    /// How many calls it took, this one included.
    package let attempts: Int
    /// As many vectors as the request has inputs.
    package let answer: EmbeddingAnswer

    package init(model: ModelReference, attempts: Int, answer: EmbeddingAnswer) {
        self.model = model
        self.attempts = attempts
        self.answer = answer
    }
}

/// How many tokens a request has.
package struct TokenCount: Hashable, Sendable {
    package let tokens: Int
    /// Whether that is a guess, since nobody could be asked.
    package let isEstimate: Bool

    package init(_ tokens: Int, isEstimate: Bool) {
        self.tokens = tokens
        self.isEstimate = isEstimate
    }
}

/// An answer whose first piece is there.
package struct BegunAnswer: Sendable {
    /// Who answers, as the gateway calls it.
    package let model: ModelReference
    /// How many calls it took, this one included.
    package let attempts: Int
    /// The whole answer from its first piece on. What breaks it off is an `AnswerError`.
    package let stream: any AnswerStream

    package init(model: ModelReference, attempts: Int, stream: any AnswerStream) {
        self.model = model
        self.attempts = attempts
        self.stream = stream
    }
}
