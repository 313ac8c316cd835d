package import AlulaJSON

/// Answers the protocol's methods.
package protocol AnswerSource: Sendable {
    /// - Parameter parameters: An object, in the protocol's shape.
    /// - Throws: ``CommandError``, or `CancellationError`.
    func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue
    /// Ends the connection, if there is one.
    func close() async
}

extension AnswerSource {
    package func close() async {}
}
