package import AlulaModels

/// One way to reach models: a folder of `AlulaProviders` for each kind of API.
package protocol ModelProvider: Sendable {
    /// Asks one model once. Whatever goes on for the answer ends with the task that reads it, and with the stream itself.
    ///
    /// - Parameter model: What to ask; the request's own spelling is the caller's.
    /// - Throws: ``AttemptFailure`` when the model does not answer, `CancellationError` when nobody waits any more.
    func answer(_ request: InferenceRequest, as model: ModelReference) async throws -> any AnswerStream
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
