package import AlulaPrimitives
package import AlulaProtocol

/// Knows the API keys. It answers from memory.
package protocol APIKeyAdmitting: Sendable {
    /// The key whose text is `secret`, if there is such a one; it may have expired.
    func key(for secret: Secret) -> APIKey?
    /// Counts a request with `key`, unless it has to wait.
    func admit(_ key: APIKey, at now: ContinuousClock.Instant) -> APIKeyAllowance.Refusal?
}

/// A server that nobody gave a place for keys.
package struct NoAPIKeys: APIKeyAdmitting {
    package init() {}

    package func key(for secret: Secret) -> APIKey? { nil }
    package func admit(_ key: APIKey, at now: ContinuousClock.Instant) -> APIKeyAllowance.Refusal? { nil }
}
