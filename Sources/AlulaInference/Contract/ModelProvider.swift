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

/// A provider that makes vectors of texts.
package protocol EmbeddingProviding: Sendable {
    /// Asks one model once.
    ///
    /// - Returns: As many vectors as the request has inputs, in their order.
    /// - Throws: ``AttemptFailure`` when the model does not answer, `CancellationError` when nobody waits any more.
    func embed(_ call: EmbeddingCall) async throws -> EmbeddingAnswer
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
