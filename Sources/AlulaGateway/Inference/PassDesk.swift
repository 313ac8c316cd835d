import AlulaAuth
import AlulaCredentials
import AlulaInference
import AlulaModels
import AlulaPrimitives

/// Opens logins whose provider wants a pass in place of what is stored.
struct PassDesk: Sendable {
    let passes: LoginPasses
    let endpoint: any PassEndpoint
    /// Where the provider is asked; `nil` when the server that plays it is none of this machine.
    let entry: PassEndpointEntry?

    /// GitHub, or the server that plays it: ``LocalServer/variable``.
    static func entry(version: String, _ variable: (String) -> String?) -> PassEndpointEntry? {
        let entry = PassEndpointEntry.gitHubCopilot(version: version)
        guard let address = variable(LocalServer.variable)?.trimmed(), !address.isEmpty else { return entry }
        return LocalServer(address).map { entry.played(by: $0) }
    }

    private static let unusableServer = PassFailure(
        .unclassified, "\(LocalServer.variable) takes a server on this machine only, as http://127.0.0.1:PORT.")

    /// Opens the API for whoever has `secret`.
    ///
    /// - Parameters:
    ///   - isPass: Whether the secret opens the API by itself, as other programs store it.
    ///   - isPlaced: Whether the owner says where the API is.
    ///   - rejected: The pass that the API has just refused.
    ///   - reopen: Opens the same login once more, after this pass was refused.
    /// - Throws: `PassFailure`, `CancellationError`.
    func open(
        _ secret: Secret, of provider: ProviderID, isPass: Bool, _ headers: [(name: String, value: Secret)],
        _ transport: CallTransport?,
        isPlaced: Bool, rejected: Secret?, until deadline: Deadline,
        _ reopen: @escaping @Sendable (_ rejected: Secret) async throws -> OpenedLogin
    ) async throws -> OpenedLogin {
        guard let entry else { throw Self.unusableServer }
        let token: Secret
        var baseURL: String?
        if isPass {
            token = secret.normalised
        } else {
            let endpoint = endpoint
            let pass = try await passes.pass(
                for: secret, of: provider, rejected: rejected, until: deadline
            ) { deadline in
                try await endpoint.pass(for: secret, at: entry, by: transport, until: deadline)
            }
            (token, baseURL) = (pass.token, pass.baseURL)
        }
        return OpenedLogin(
            secret: token, form: .bearer, headers: headers, hidden: [secret.normalised], transport: transport,
            baseURL: isPlaced ? nil : baseURL,
            introduction: entry.headers.map { (name: $0.name, value: $0.value) },
            renewal: { try await reopen(token) })
    }
}
