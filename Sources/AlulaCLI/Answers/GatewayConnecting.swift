/// Connects to a gateway.
package protocol GatewayConnecting: Sendable {
    /// - Throws: ``CommandError`` with ``CommandError/Code/gatewayUnreachable``,
    ///   ``CommandError/Code/credentialRejected`` or ``CommandError/Code/timedOut``.
    func connect(
        to url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> any AnswerSource
}
