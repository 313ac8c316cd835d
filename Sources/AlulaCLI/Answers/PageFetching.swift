/// Reads pages that a gateway serves over HTTP.
package protocol PageFetching: Sendable {
    /// - Parameters:
    ///   - path: Such as `/metrics`.
    ///   - url: The gateway's address.
    /// - Throws: ``CommandError``, or `CancellationError`.
    func fetch(
        _ path: String, of url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> String
}

/// Has no pages.
struct NoPages: PageFetching {
    func fetch(
        _ path: String, of url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> String {
        throw CommandError(.unavailable, "Pages can't be read here.")
    }
}
