package import AlulaAuth
package import AlulaCredentials
import AlulaModels
package import AlulaPrimitives
import AlulaProviders
import NIOCore

/// One attempt to sign in with a code that somebody types on another device. Whoever has it ends it.
package final class DeviceSignIn: Sendable {
    package let provider: ProviderID
    private let entry: AuthorizationEntry
    private let device: DeviceAuthorizationEntry
    private let clientID: String
    private let code: DeviceCode
    private let client: UpstreamClient
    private let now: @Sendable () -> Timestamp

    private init(
        provider: ProviderID, entry: AuthorizationEntry, device: DeviceAuthorizationEntry, clientID: String,
        code: DeviceCode, client: UpstreamClient, now: @escaping @Sendable () -> Timestamp
    ) {
        self.provider = provider
        self.entry = entry
        self.device = device
        self.clientID = clientID
        self.code = code
        self.client = client
        self.now = now
    }

    /// Asks the provider for a code to type.
    ///
    /// - Throws: `RenewalFailure`, `CancellationError`.
    static func begin(
        _ provider: ProviderID, entry: AuthorizationEntry, device: DeviceAuthorizationEntry, clientID: String,
        client: UpstreamClient, now: @escaping @Sendable () -> Timestamp, until deadline: Deadline
    ) async throws -> DeviceSignIn {
        do {
            let code = try await HTTPDeviceEndpoint(client: client).code(
                of: device, clientID: clientID, until: deadline)
            return DeviceSignIn(
                provider: provider, entry: entry, device: device, clientID: clientID, code: code, client: client,
                now: now)
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Where the code is typed.
    package var page: String { device.page }
    package var userCode: String { code.text }
    package var lifetime: Duration { .seconds(device.lifetimeSeconds) }
    /// When to ask whether it was typed.
    package var polling: DevicePolling { DevicePolling(interval: code.interval, lifetime: lifetime) }

    /// Asks whether it was typed.
    ///
    /// - Returns: `nil` while it was not.
    /// - Throws: `RenewalFailure`, `CancellationError`.
    package func answer(until deadline: Deadline) async throws -> DeviceGrant? {
        try await HTTPDeviceEndpoint(client: client).answer(to: code, of: device, until: deadline)
    }

    /// Exchanges what came of it for a login.
    ///
    /// - Throws: `RenewalFailure`, `CancellationError`.
    package func redeem(_ grant: DeviceGrant, until deadline: Deadline) async throws -> IssuedLogin {
        let request = CodeRequest(
            endpoint: entry.tokenEndpoint, clientID: clientID, code: grant.code, verifier: grant.verifier,
            redirect: device.redirect)
        let tokens = try await HTTPTokenEndpoint(client: client).redeem(request, until: deadline)
        let isOwn = entry.tokenEndpoint.clientID == nil
        return IssuedLogin(tokens, of: provider, clientID: isOwn ? clientID : nil, at: now())
    }

    package func end() async { await client.shutdown() }
}
