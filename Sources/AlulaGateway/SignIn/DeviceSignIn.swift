package import AlulaAuth
package import AlulaCredentials
import AlulaModels
package import AlulaPrimitives
import AlulaProviders
import NIOCore

/// One attempt to sign in with a code that somebody types on another device. Whoever has it ends it.
package final class DeviceSignIn: Sendable {
    /// What is known of the provider.
    struct Parts: Sendable {
        var device: DeviceAuthorizationEntry
        var clientID: String
        /// Where what comes of it is redeemed, where it has to be.
        var tokenEndpoint: TokenEndpointEntry?
        /// What a login is named by that does not say whose it is.
        var name: String?
    }

    package let provider: ProviderID
    private let parts: Parts
    private let code: DeviceCode
    private let client: UpstreamClient
    private let now: @Sendable () -> Timestamp

    private init(
        provider: ProviderID, parts: Parts, code: DeviceCode, client: UpstreamClient,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.provider = provider
        self.parts = parts
        self.code = code
        self.client = client
        self.now = now
    }

    /// Asks the provider for a code to type.
    ///
    /// - Throws: `RenewalFailure`, `CancellationError`.
    static func begin(
        _ provider: ProviderID, _ parts: Parts, client: UpstreamClient, now: @escaping @Sendable () -> Timestamp,
        until deadline: Deadline
    ) async throws -> DeviceSignIn {
        do {
            let code = try await HTTPDeviceEndpoint(client: client).code(
                of: parts.device, clientID: parts.clientID, until: deadline)
            return DeviceSignIn(provider: provider, parts: parts, code: code, client: client, now: now)
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Where the code is typed.
    package var page: String { parts.device.page }
    package var userCode: String { code.text }
    package var lifetime: Duration { code.lifetime ?? .seconds(parts.device.lifetimeSeconds) }
    /// When to ask whether it was typed.
    package var polling: DevicePolling { DevicePolling(interval: code.interval, lifetime: lifetime) }

    /// Asks whether it was typed.
    ///
    /// - Returns: `nil` while it was not.
    /// - Throws: `RenewalFailure`, `CancellationError`.
    package func answer(until deadline: Deadline) async throws -> DeviceGrant? {
        try await HTTPDeviceEndpoint(client: client).answer(
            to: code, of: parts.device, clientID: parts.clientID, until: deadline)
    }

    /// Exchanges what came of it for a login.
    ///
    /// - Throws: `RenewalFailure`, `CancellationError`.
    package func redeem(_ grant: DeviceGrant, until deadline: Deadline) async throws -> IssuedLogin {
        switch grant {
        case .token(let token): return IssuedLogin(token, of: provider, named: parts.name ?? "default")
        case .code(let code, let verifier):
            guard let endpoint = parts.tokenEndpoint, case .redeemed(let redirect) = parts.device.way else {
                throw RenewalFailure(.malformedAnswer, "the provider gave a code that nothing redeems")
            }
            let request = CodeRequest(
                endpoint: endpoint, clientID: parts.clientID, code: code, verifier: verifier, redirect: redirect)
            let tokens = try await HTTPTokenEndpoint(client: client).redeem(request, until: deadline)
            let isOwn = endpoint.clientID == nil
            return IssuedLogin(tokens, of: provider, clientID: isOwn ? parts.clientID : nil, at: now())
        }
    }

    package func end() async { await client.shutdown() }
}
