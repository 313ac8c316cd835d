package import AlulaAuth
package import AlulaCredentials
package import AlulaPrimitives
import AlulaProviders
import NIOCore

/// One attempt to sign in with a browser, with the listener that waits for it.
package struct BrowserSignIn: Sendable {
    package let provider: ProviderID
    /// Why the browser can't come back to this program; `nil` where it can.
    package let obstacle: SignInFailure?

    private let attempt: AuthorizationAttempt
    private let receiver: LoopbackReceiver?
    private let ownClient: String?
    private let proxies: ProxyRules
    private let group: any EventLoopGroup
    private let now: @Sendable () -> Timestamp

    init(
        provider: ProviderID, attempt: AuthorizationAttempt, receiver: LoopbackReceiver?, obstacle: SignInFailure?,
        ownClient: String?, proxies: ProxyRules, group: any EventLoopGroup, now: @escaping @Sendable () -> Timestamp
    ) {
        self.provider = provider
        self.attempt = attempt
        self.receiver = receiver
        self.obstacle = obstacle
        self.ownClient = ownClient
        self.proxies = proxies
        self.group = group
        self.now = now
    }

    /// The address to open.
    package var url: String { attempt.url }

    /// Waits for the browser.
    ///
    /// - Returns: A code or a refusal; `nil` when nothing came until `deadline`, or nothing can come.
    /// - Throws: `CancellationError`.
    package func answer(until deadline: Deadline) async throws -> CallbackVerdict? {
        try await receiver?.answer(until: deadline)
    }

    /// Judges what a person copied from a browser.
    package func judge(pasted text: String) -> CallbackVerdict { attempt.judge(pasted: text) }

    /// Exchanges a code for a login.
    ///
    /// - Throws: ``RenewalFailure``, `CancellationError`.
    package func redeem(_ code: Secret, until deadline: Deadline) async throws -> IssuedLogin {
        let client = UpstreamClient(group: group, proxies: proxies)
        let granted: Result<TokenGrant, any Error>
        do {
            let endpoint = HTTPTokenEndpoint(client: client)
            granted = .success(try await endpoint.redeem(attempt.redemption(of: code), until: deadline))
        } catch {
            granted = .failure(error)
        }
        await client.shutdown()
        return IssuedLogin(try granted.get(), of: provider, clientID: ownClient, at: now())
    }

    /// Stops waiting for the browser.
    package func end() async { await receiver?.close() }
}
