package import AlulaAuth
package import AlulaModels
package import AlulaPrimitives

/// Asks a provider for passes. Whoever conforms talks to the network and keeps nothing.
package protocol PassEndpoint: Sendable {
    /// Exchanges a stored token, which stays good, for a pass.
    ///
    /// - Parameter transport: How the owner wants the provider to be reached.
    /// - Throws: `PassFailure`, `CancellationError`.
    func pass(
        for token: Secret, at entry: PassEndpointEntry, by transport: CallTransport?, until deadline: Deadline
    ) async throws -> Pass
}
