package import AlulaPrimitives

/// Where a provider says how much of an account's allowance is used, and to whom: one row of ``QuotaTable``.
package struct QuotaEntry: Hashable, Sendable {
    /// How the question is asked and the answer written.
    package enum Format: Hashable, Sendable, CaseIterable {
        /// The windows of a Claude subscription, in percent.
        case anthropicAccount
        /// The windows of a ChatGPT account, in percent, and its credits.
        case chatGPTAccount
        /// What is left of the month's requests, in percent.
        case githubCopilot
        /// The windows of a coding plan, in percent.
        case zai
    }

    /// What a login is.
    package enum LoginKind: Hashable, Sendable, CaseIterable {
        /// An OAuth login.
        case account
        /// A token that somebody stored.
        case token
        case key
    }

    /// An address for the accounts of one domain.
    package struct Place: Hashable, Sendable {
        /// Where the provider's base URL has to lead: this domain or one below it. A login for a server elsewhere is none
        /// of this provider's and stays away from it.
        package let domain: String
        /// An `https` address; redirects are not followed.
        package let url: String

        package init(domain: String, url: String) {
            self.domain = domain
            self.url = url
        }
    }

    package let format: Format
    /// The kinds of login that have an allowance.
    package let logins: Set<LoginKind>
    /// The variables whose content has one; `nil` for all that a provider has. A general token of the environment may well
    /// be for other things.
    package let variables: Set<String>?
    package let places: [Place]

    package init(format: Format, logins: Set<LoginKind>, variables: Set<String>? = nil, places: [Place]) {
        self.format = format
        self.logins = logins
        self.variables = variables
        self.places = places
    }

    /// Where to ask about a login for what is behind `baseURL`; `nil` when that is not the provider's own.
    package func url(behind baseURL: String?) -> String? {
        let scheme = "https://"
        guard let base = baseURL?.trimmed().lowercased(), base.hasPrefix(scheme) else { return nil }
        let authority = base.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return nil }
        let host = authority.prefix { $0 != ":" }
        return places.first { host == $0.domain || host.hasSuffix(".\($0.domain)") }?.url
    }
}

/// The providers that tell their own clients how much of an account's allowance is used.
///
/// None of these addresses is documented by its provider; what is here is what several clients agree on. A provider whose
/// clients disagree, such as MiniMax, is not in it.
package struct QuotaTable: Sendable {
    /// In the order in which people are shown them.
    package let entries: [(provider: ProviderID, entry: QuotaEntry)]

    package init(_ entries: [(provider: ProviderID, entry: QuotaEntry)]) { self.entries = entries }

    package static let builtIn = QuotaTable([
        (
            // Its keys are paid for by use.
            "anthropic",
            QuotaEntry(
                format: .anthropicAccount, logins: [.account, .token],
                places: [.init(domain: "anthropic.com", url: "https://api.anthropic.com/api/oauth/usage")])
        ),
        ("openai-codex", chatGPT([.account, .token])),
        // The present name of the same logins. A token under this name may be a key.
        ("openai", chatGPT([.account])),
        (
            "github-copilot",
            // What stands in an OAuth login opens the models, and GitHub does not know it.
            QuotaEntry(
                format: .githubCopilot, logins: [.token, .key], variables: ["COPILOT_GITHUB_TOKEN"],
                places: [.init(domain: "githubcopilot.com", url: "https://api.github.com/copilot_internal/user")])
        ),
        (
            "zai",
            QuotaEntry(
                format: .zai, logins: [.token, .key],
                places: [
                    .init(domain: "z.ai", url: "https://api.z.ai/api/monitor/usage/quota/limit"),
                    .init(domain: "bigmodel.cn", url: "https://open.bigmodel.cn/api/monitor/usage/quota/limit"),
                ])
        ),
    ])

    private static func chatGPT(_ logins: Set<QuotaEntry.LoginKind>) -> QuotaEntry {
        let url = "https://chatgpt.com/backend-api/wham/usage"
        return QuotaEntry(
            format: .chatGPTAccount, logins: logins,
            places: [.init(domain: "chatgpt.com", url: url), .init(domain: "openai.com", url: url)])
    }

    /// The same providers, played by a server on this machine: paths stay.
    package func played(by server: LocalServer) -> QuotaTable {
        QuotaTable(
            entries.map { provider, entry in
                let places = entry.places.map { QuotaEntry.Place(domain: $0.domain, url: server.moved($0.url)) }
                return (
                    provider,
                    QuotaEntry(format: entry.format, logins: entry.logins, variables: entry.variables, places: places)
                )
            })
    }
}
