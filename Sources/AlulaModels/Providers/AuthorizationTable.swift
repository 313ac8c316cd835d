package import AlulaPrimitives

/// Where a provider's people sign in with a browser, and what it wants to be asked: one row of ``AuthorizationTable``.
///
/// - SeeAlso: RFC 6749, section 4.1; RFC 8252.
package struct AuthorizationEntry: Hashable, Sendable {
    /// A member of the query that no standard names.
    package struct Parameter: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The page that a browser is sent to: an `https` address without a query.
    package let url: String
    /// Where the provider sends the browser afterwards.
    package let redirect: LoopbackRedirect
    package let scopes: [String]
    package let parameters: [Parameter]
    /// Where a code is redeemed, and the login renewed later.
    package let tokenEndpoint: TokenEndpointEntry
    /// The variable that names the client, where the provider has none for everybody.
    package let clientVariable: String?
    /// How one signs in on another device; `nil` where one can't.
    package let device: DeviceAuthorizationEntry?

    package init(
        url: String, redirect: LoopbackRedirect, scopes: [String], parameters: [Parameter] = [],
        tokenEndpoint: TokenEndpointEntry, clientVariable: String? = nil, device: DeviceAuthorizationEntry? = nil
    ) {
        self.url = url
        self.redirect = redirect
        self.scopes = scopes
        self.parameters = parameters
        self.tokenEndpoint = tokenEndpoint
        self.clientVariable = clientVariable
        self.device = device
    }
}

/// An address on this machine that a provider knows, and sends browsers to.
package struct LoopbackRedirect: Hashable, Sendable {
    /// `localhost`, which is both families' loopback address, or `127.0.0.1`, which is one.
    package let host: String
    /// 0 for any that is free, where the provider takes each.
    package let port: Int
    /// Begins with a slash.
    package let path: String

    package init(host: String, port: Int, path: String) {
        self.host = host
        self.port = port
        self.path = path
    }

    /// The whole address, once it is known which port it is.
    package func url(port: Int) -> String { "http://\(host):\(port)\(path)" }
}

/// The providers that one can sign in to. A provider is in it only if its client is public and documented, as in
/// ``TokenEndpointTable``, if it lets everybody register one, or if the reference's users sign in with that client (GitHub's).
package struct AuthorizationTable: Sendable {
    private let entries: [ProviderID: AuthorizationEntry]
    private let devices: [ProviderID: DeviceOnlyEntry]

    package init(_ entries: [ProviderID: AuthorizationEntry], onDevices devices: [ProviderID: DeviceOnlyEntry] = [:]) {
        self.entries = entries
        self.devices = devices
    }

    /// How one signs in to `provider`; `nil` where nobody can with a browser.
    package subscript(provider: ProviderID) -> AuthorizationEntry? { entries[provider] }

    /// How one signs in to `provider` where nobody can with a browser; `nil` where one can, or not at all.
    package func onDevice(_ provider: ProviderID) -> DeviceOnlyEntry? { devices[provider] }

    /// Those that one can sign in to with a browser.
    package var providers: [ProviderID] { entries.keys.sorted() }

    /// Providers of keys whose maker has accounts to sign in to as well, with the provider that those open.
    package static let accounts: [ProviderID: ProviderID] = ["openai": "openai-codex"]

    package static let builtIn = AuthorizationTable(browsers, onDevices: ["github-copilot": gitHub])

    /// The client is Copilot's own for editors, whose name GitHub shows; no other one's tokens are exchanged for passes.
    private static let gitHub = DeviceOnlyEntry(
        device: DeviceAuthorizationEntry(
            codeURL: "https://github.com/login/device/code", answerURL: "https://github.com/login/oauth/access_token",
            page: "https://github.com/login/device", way: .standard(scope: "read:user")),
        clientID: "Iv1.b507a08c87ecfe98", name: "github")

    private static let browsers: [ProviderID: AuthorizationEntry] = [
        "chutes": AuthorizationEntry(
            url: "https://api.chutes.ai/idp/authorize",
            redirect: LoopbackRedirect(host: "127.0.0.1", port: 1456, path: "/oauth-callback"),
            scopes: ["openid", "profile", "chutes:invoke"], tokenEndpoint: TokenEndpointTable.chutes,
            clientVariable: "CHUTES_CLIENT_ID"),
        // A ChatGPT account. OpenAI's own API takes keys only, so `openai` has nothing to sign in to.
        "openai-codex": AuthorizationEntry(
            url: "https://auth.openai.com/oauth/authorize",
            redirect: LoopbackRedirect(host: "localhost", port: 1455, path: "/auth/callback"),
            scopes: ["openid", "profile", "email", "offline_access"],
            parameters: [
                .init("id_token_add_organizations", "true"), .init("codex_cli_simplified_flow", "true"),
                .init("originator", "alula"),
            ],
            tokenEndpoint: TokenEndpointTable.openAI,
            device: DeviceAuthorizationEntry(
                codeURL: "https://auth.openai.com/api/accounts/deviceauth/usercode",
                answerURL: "https://auth.openai.com/api/accounts/deviceauth/token",
                page: "https://auth.openai.com/codex/device",
                way: .redeemed(redirect: "https://auth.openai.com/deviceauth/callback"))),
    ]

    /// The same providers, played by a server on this machine: paths stay, ports of redirects are free ones.
    ///
    /// - Parameter server: Such as `http://127.0.0.1:8080`.
    /// - Returns: `nil` for any address but one of this machine: no setting may send people elsewhere to sign in.
    package func played(by server: String) -> AuthorizationTable? {
        guard let server = LocalServer(server) else { return nil }
        return AuthorizationTable(
            entries.mapValues { entry in
                AuthorizationEntry(
                    url: server.moved(entry.url),
                    redirect: LoopbackRedirect(host: "127.0.0.1", port: 0, path: entry.redirect.path),
                    scopes: entry.scopes, parameters: entry.parameters,
                    tokenEndpoint: TokenEndpointEntry(
                        url: server.moved(entry.tokenEndpoint.url), clientID: entry.tokenEndpoint.clientID,
                        format: entry.tokenEndpoint.format, scope: entry.tokenEndpoint.scope),
                    clientVariable: entry.clientVariable,
                    device: entry.device?.played(by: server))
            },
            onDevices: devices.mapValues { entry in
                DeviceOnlyEntry(device: entry.device.played(by: server), clientID: entry.clientID, name: entry.name)
            })
    }
}
