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
