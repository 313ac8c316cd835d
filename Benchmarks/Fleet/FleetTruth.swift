/// Which providers can answer for which agent of a fleet, from how the fleet was made and from nothing a gateway says.
package struct FleetTruth: Sendable {
    /// One thing on the machine that makes providers usable.
    package enum Source: Hashable, Sendable {
        case environment
        case configuration
        /// The gateway's own.
        case builtIn
        /// A file in the home directory, by its path under it.
        case login(String)
        /// An agent's own store.
        case store(Int)
        /// The program behind the alias `keyring`.
        case helper
    }

    private static let builtIn: Set = ["alula"]
    private static let environment: Set = ["groq"]
    private static let configuration: Set = ["house"]
    private static let logins: [String: Set<String>] = [
        ".codex/auth.json": ["codex", "openai"],
        ".claude/.credentials.json": ["claude-cli"],
        ".minimax/oauth_creds.json": ["minimax-portal", "minimax-portal-cn"],
        ".gemini/oauth_creds.json": ["google-gemini-cli"],
        ".config/gcloud/application_default_credentials.json": ["anthropic-vertex"],
        ".aws/credentials": ["amazon-bedrock"],
        ".config/gh/hosts.yml": ["github-copilot"],
    ]
    /// Names that the same login answers to.
    private static let aliases: [String: Set<String>] = ["moonshot": ["moonshotai", "moonshot-ai"]]

    private let fleet: Fleet
    /// Providers that an agent's store was given a key for since, by the agent's place.
    package var added: [Int: Set<String>] = [:]
    /// Providers that the configuration was given since.
    package var configured: Set<String> = []
    /// Sources that somebody has left in a state that can't be read.
    package var unreadable: Set<Source> = []

    package init(_ fleet: Fleet) { self.fleet = fleet }

    /// What can answer for the agent at `index` when `broken` sources are not there.
    package func available(for index: Int, without broken: Set<Source> = []) -> Set<String> {
        var found: Set<String> = []
        for (source, providers) in offers(to: index)
        where !broken.contains(source) && !unreadable.contains(source) { found.formUnion(providers) }
        return found
    }

    /// What could answer with all sources in order, and can't without `broken`.
    package func lost(for index: Int, without broken: Set<Source>) -> Set<String> {
        available(for: index).subtracting(available(for: index, without: broken))
    }

    /// Everything that makes a provider usable for the agent at `index`. The first agent's store is everybody's.
    private func offers(to index: Int) -> [(Source, Set<String>)] {
        var offers: [(Source, Set<String>)] = [
            (.builtIn, Self.builtIn), (.environment, Self.environment),
            (.configuration, Self.configuration.union(configured)),
            (.store(0), profiles(of: 0)), (.store(index), profiles(of: index)),
        ]
        offers += Self.logins.map { (.login($0.key), $0.value) }
        if fleet.fault == .helper { offers.append((.helper, ["zai"])) }
        return offers
    }

    /// Providers that the agent's own store has a usable profile for.
    private func profiles(of index: Int) -> Set<String> {
        // Every store has a login for it; the one of every seventh agent has ended and can be renewed.
        var providers = Set(fleet.providers(of: index) + ["openai"]).union(added[index] ?? [])
        for provider in providers { providers.formUnion(Self.aliases[provider] ?? []) }
        return providers
    }
}
