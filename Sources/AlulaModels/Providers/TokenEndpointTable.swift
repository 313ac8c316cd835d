package import AlulaPrimitives

/// Where a provider renews OAuth logins, and how it wants to be asked: one row of ``TokenEndpointTable``.
package struct TokenEndpointEntry: Hashable, Sendable {
    /// How the request's body is written.
    package enum Format: Hashable, Sendable, CaseIterable {
        /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
        case form
        case json
    }

    /// An `https` address; redirects are not followed.
    package let url: String
    /// The public client that logins belong to; `nil` where each login names its own.
    package let clientID: String?
    package let format: Format
    /// What is asked for again, where the provider wants it said.
    package let scope: String?

    package init(url: String, clientID: String? = nil, format: Format = .form, scope: String? = nil) {
        self.url = url
        self.clientID = clientID
        self.format = format
        self.scope = scope
    }
}

/// The token endpoints that are known. A provider is in it only if its client is public and documented: whoever renews in
/// another program's name would end that program's login.
package struct TokenEndpointTable: Sendable {
    private let entries: [ProviderID: TokenEndpointEntry]

    package init(_ entries: [ProviderID: TokenEndpointEntry]) { self.entries = entries }

    /// Where logins of `provider` are renewed; `nil` when nobody here can.
    package subscript(provider: ProviderID) -> TokenEndpointEntry? { entries[provider] }

    package static let builtIn = TokenEndpointTable([
        "openai": openAI,
        // The name that ChatGPT logins were kept under before they became OpenAI's own.
        "openai-codex": openAI,
        "chutes": chutes,
    ])

    // Applications register with Chutes, so each login says which one it belongs to.
    static let chutes = TokenEndpointEntry(url: "https://api.chutes.ai/idp/token")

    static let openAI = TokenEndpointEntry(
        url: "https://auth.openai.com/oauth/token", clientID: "app_EMoamEEZ73f0CkXaXp7hrann", format: .json,
        scope: "openid profile email")
}
