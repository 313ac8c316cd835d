package import AlulaPrimitives
package import AlulaProtocol

/// Changes the API keys of the state directory. A running gateway follows.
package protocol APIKeyEditing: Sendable {
    /// The keys by their names, and how many entries can't be understood.
    func list() async throws -> (keys: [APIKey], unreadableCount: Int)
    /// Makes a key.
    ///
    /// - Parameter expiresAt: When it ends by itself, or `nil` for never.
    /// - Returns: The key's text, which is kept nowhere, and what is kept.
    func create(name: String, expiresAt: Timestamp?, limits: APIKeyLimits) async throws -> (text: Secret, key: APIKey)
    /// - Returns: Whether there was a key of that name.
    func revoke(name: String) async throws -> Bool
}
