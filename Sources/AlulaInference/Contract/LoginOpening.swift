package import AlulaPrimitives

/// Finds the secret behind a login when a call needs it. Whoever conforms reads it where it is kept, and keeps no copy.
package protocol LoginOpening: Sendable {
    /// Opens the login of a call.
    ///
    /// - Throws: ``AttemptFailure`` when the secret can't be read or is gone, `CancellationError`.
    func open(_ call: ModelCall) async throws -> OpenedLogin
}

/// What proves to a provider who asks.
package struct OpenedLogin: Sendable {
    /// A key or token; `nil` when the provider wants none.
    package let secret: Secret?
    /// Further headers that the configuration has for the provider and the model, in order. Their values may be secrets.
    package let headers: [(name: String, value: Secret)]

    package init(secret: Secret?, headers: [(name: String, value: Secret)] = []) {
        self.secret = secret
        self.headers = headers
    }
}
