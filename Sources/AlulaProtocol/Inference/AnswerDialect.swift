package import AlulaInference
package import AlulaJSON

/// How callers of one dialect write their requests, and want their answers and errors written.
package protocol AnswerDialect: Sendable {
    /// The header by which callers switch trial features on, in lower case; `nil` where the dialect has none.
    var featureHeader: String? { get }

    /// The header in which an answer's own name is told, in lower case; `nil` where the dialect has none.
    var idHeader: String? { get }

    /// Reads the body of a request.
    ///
    /// - Throws: ``InferenceError/Code/malformedRequest`` and ``InferenceError/Code/unsupportedParameter``, with the
    ///   member that is to blame.
    func decode(_ body: JSONValue) throws(InferenceError) -> InferenceRequest

    /// Writes the answer to `request` in one piece.
    ///
    /// - Throws: ``InferenceError/Code/malformedStream`` when the dialect can't say what the model said.
    func encode(
        _ answer: InferenceAnswer, to request: InferenceRequest, _ labels: AnswerLabels
    ) throws(InferenceError) -> JSONValue

    /// Writes the answer to `request` piece by piece.
    func streamEncoder(for request: InferenceRequest, _ labels: AnswerLabels) -> any AnswerStreamEncoding

    /// HTTP's status for an error.
    func status(of error: AnswerError) -> Int

    /// The body that tells an error.
    func payload(of error: AnswerError, _ labels: AnswerLabels?) -> JSONValue

    /// How the answer is named in ``idHeader``.
    func name(of labels: AnswerLabels) -> String
}

extension AnswerDialect {
    package func status(of error: AnswerError) -> Int { error.status }
    package func name(of labels: AnswerLabels) -> String { labels.id }
}
