package import AlulaJSON
package import AlulaProtocol

/// The operations behind `secrets.*`.
package protocol SecretOperations: Sendable {
    /// `secrets.reload`: resolves the secret references anew. It may wait for a disk, on the blocking pool.
    func secretsReload(_ caller: Caller) async throws(GatewayError) -> JSONValue
}
