package import AlulaPrimitives

/// How one tool's login becomes a profile: one row per tool.
package struct LoginImport: Hashable, Sendable {
    package let tool: LoginTool
    package let profile: ProfileID
    package let provider: ProviderID
    /// Provider names under which the tool is asked for.
    package let names: Set<ProviderID>
    /// The kind of login that is taken over; any other is left alone.
    package let kind: ProfileFact.Kind
    /// Stands in only where nothing is stored: the gateway has logins of its own for this provider.
    package let isBootstrapOnly: Bool

    package static let all: [LoginImport] = [
        LoginImport(
            tool: .codex, profile: "openai:default", provider: "openai",
            names: ["openai", "codex", "codex-cli", "codex-app-server"], kind: .oauth, isBootstrapOnly: true),
        // A provider of its own: a Claude Code login signs other requests than an Anthropic key.
        LoginImport(
            tool: .claudeCode, profile: "anthropic:claude-cli", provider: "claude-cli", names: ["claude-cli"],
            kind: .oauth, isBootstrapOnly: false),
        LoginImport(
            tool: .minimax, profile: "minimax-portal:minimax-cli", provider: "minimax-portal",
            names: ["minimax-portal", "minimax", "minimax-cli"], kind: .oauth, isBootstrapOnly: false),
        LoginImport(
            tool: .geminiCLI, profile: "google-gemini-cli:gemini-cli", provider: "google-gemini-cli",
            names: ["google-gemini-cli", "gemini-cli"], kind: .oauth, isBootstrapOnly: false),
        LoginImport(
            tool: .githubCLI, profile: "github-copilot:github-cli", provider: "github-copilot",
            names: ["github-copilot", "github-cli"], kind: .token, isBootstrapOnly: false),
    ]

    /// Every id that an imported login may have by itself.
    static let profiles: Set<ProfileID> = Set(all.map(\.profile))

    /// The login as a profile. It has a refresh token only for comparison: refreshing is the tool's affair, so
    /// that an ended login stays ended until the tool is run.
    func fact(of login: LoginFact) -> ProfileFact {
        ProfileFact(
            provider: provider, kind: login.kind, inlineDigest: login.digest, refreshDigest: login.refreshDigest,
            expiry: login.expiry, identity: login.identity, provenance: .login(tool))
    }
}

/// Which tools' logins count for a question.
package enum LoginScope: Hashable, Sendable {
    case none
    /// Only those that a stored profile already stands for.
    case existing
    /// Those that are asked for by a provider's name or by a profile's id.
    case named(providers: Set<ProviderID>, profiles: Set<ProfileID>)
    case all

    /// The scope of a question about one provider.
    package static func provider(_ provider: ProviderID) -> LoginScope {
        .named(providers: [provider], profiles: [])
    }
}
