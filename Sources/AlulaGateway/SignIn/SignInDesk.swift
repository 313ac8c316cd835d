import AlulaAuth
package import AlulaModels
package import AlulaPrimitives
import AlulaProviders
import Crypto
package import NIOCore
import NIOPosix

/// Begins attempts to sign in.
package struct SignInDesk: Sendable {
    /// What can be done for a provider.
    package enum Way: Sendable {
        case browser(BrowserSignIn)
        /// The provider knows applications that somebody registered, and the variable that names one is not set.
        case needsClient(variable: String)
        /// One signs in with a code that is typed on another device, and in no other way.
        case onDevice
        /// Nobody can sign in.
        case none
    }

    /// Where a server on this machine plays all providers, for whoever tries a login without one.
    package static let serverVariable = LocalServer.variable

    private let table: AuthorizationTable?
    private let variables: [String: String]
    private let group: any EventLoopGroup
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> [UInt8]

    /// - Parameters:
    ///   - variables: The process's environment: clients, proxies, ``serverVariable``.
    ///   - random: ``AuthorizationAttempt/randomBytes`` bytes that nobody can foresee.
    package init(
        variables: [String: String], table: AuthorizationTable = .builtIn,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> [UInt8] = SignInDesk.randomBytes
    ) {
        self.table = Self.value(of: Self.serverVariable, in: variables).map { table.played(by: $0) } ?? table
        self.variables = variables
        self.group = group
        self.now = now
        self.random = random
    }

    /// Begins to sign in to `provider`. What comes back from a browser is received from now on, where that is possible.
    ///
    /// - Throws: ``SignInFailure/Code/unusableServer``.
    package func begin(_ provider: ProviderID) async throws -> Way {
        let table = try usableTable()
        guard let entry = table[provider] else { return table.onDevice(provider) == nil ? .none : .onDevice }
        guard let clientID = clientID(for: entry) else {
            return entry.clientVariable.map { .needsClient(variable: $0) } ?? .none
        }
        var receiver: LoopbackReceiver?
        var obstacle: SignInFailure?
        do {
            receiver = try await LoopbackReceiver.open(at: entry.redirect, group: group)
        } catch let failure as SignInFailure {
            obstacle = failure
        }
        let attempt = AuthorizationAttempt(
            entry, clientID: clientID, port: receiver?.port ?? entry.redirect.port, random: random(),
            digest: { Array(SHA256.hash(data: $0)) })
        receiver?.begin { attempt.judge(target: $0) }
        return .browser(
            BrowserSignIn(
                provider: provider, attempt: attempt, receiver: receiver, obstacle: obstacle,
                ownClient: entry.tokenEndpoint.clientID == nil ? clientID : nil, proxies: proxies, group: group,
                now: now))
    }

    /// Asks `provider` for a code that somebody types on another device.
    ///
    /// - Returns: `nil` where nobody can sign in so.
    /// - Throws: ``SignInFailure/Code/unusableServer``, `RenewalFailure`, `CancellationError`.
    package func beginOnDevice(_ provider: ProviderID, until deadline: Deadline) async throws -> DeviceSignIn? {
        let table = try usableTable()
        let parts: DeviceSignIn.Parts
        if let only = table.onDevice(provider) {
            parts = .init(device: only.device, clientID: only.clientID, name: only.name)
        } else if let entry = table[provider], let device = entry.device, let clientID = clientID(for: entry) {
            parts = .init(device: device, clientID: clientID, tokenEndpoint: entry.tokenEndpoint)
        } else {
            return nil
        }
        return try await DeviceSignIn.begin(
            provider, parts, client: UpstreamClient(group: group, proxies: proxies), now: now, until: deadline)
    }

    private func usableTable() throws(SignInFailure) -> AuthorizationTable {
        guard let table else {
            throw SignInFailure(
                .unusableServer, "\(Self.serverVariable) takes a server on this machine only, as http://127.0.0.1:PORT")
        }
        return table
    }

    private func clientID(for entry: AuthorizationEntry) -> String? {
        entry.tokenEndpoint.clientID ?? entry.clientVariable.flatMap { Self.value(of: $0, in: variables) }
    }

    private var proxies: ProxyRules { ProxyRules { [variables] in variables[$0].map { Secret($0) } } }

    private static func value(of variable: String, in variables: [String: String]) -> String? {
        guard let value = variables[variable]?.trimmed(), !value.isEmpty else { return nil }
        return value
    }

    /// From the system's generator.
    package static func randomBytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<AuthorizationAttempt.randomBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
