package import AlulaJSON

/// Answers the protocol's methods.
package protocol AnswerSource: Sendable {
    /// - Parameter parameters: An object, in the protocol's shape.
    /// - Throws: ``CommandError``, or `CancellationError`.
    func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue
    /// What a gateway said when it let us in; `nil` without a gateway.
    var hello: JSONValue? { get }
    /// Ends the connection, if there is one.
    func close() async
}

extension AnswerSource {
    package var hello: JSONValue? { nil }

    package func close() async {}
}
