package import AlulaModels
package import AlulaPrimitives

/// Asks a provider for codes that people type on another device. Whoever conforms talks to the network and keeps nothing.
package protocol DeviceEndpoint: Sendable {
    /// Asks for a code to type.
    ///
    /// - Throws: ``RenewalFailure``, with ``RenewalFailure/Code/unsupported`` where the provider has no such way now;
    ///   `CancellationError`.
    func code(
        of entry: DeviceAuthorizationEntry, clientID: String, until deadline: Deadline
    ) async throws -> DeviceCode
    /// Asks whether somebody has typed it.
    ///
    /// - Returns: `nil` while nobody has.
    /// - Throws: ``RenewalFailure``, `CancellationError`.
    func answer(
        to code: DeviceCode, of entry: DeviceAuthorizationEntry, clientID: String, until deadline: Deadline
    ) async throws -> DeviceGrant?
}

/// A code to type, and what to ask with whether it was typed.
package struct DeviceCode: Sendable {
    /// Letters, digits and the like; people read it.
    package let text: String
    /// The attempt's name between us and the provider.
    package let attempt: Secret
    /// How long the provider wants to be left alone between two questions.
    package let interval: Duration
    /// How long the code is good; `nil` when the provider does not say.
    package let lifetime: Duration?

    package init(text: String, attempt: Secret, interval: Duration, lifetime: Duration? = nil) {
        self.text = text
        self.attempt = attempt
        self.interval = interval
        self.lifetime = lifetime
    }
}

/// What comes of a typed code.
package enum DeviceGrant: Sendable {
    /// A code to redeem, with the verifier that the provider made itself.
    case code(Secret, verifier: Secret)
    /// The login itself.
    case token(Secret)
}
