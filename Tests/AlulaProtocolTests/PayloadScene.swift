import AlulaAuth
import AlulaPrimitives

@testable import AlulaProtocol

/// A machine with a bit of everything, for payloads. Its secrets are digests, as everywhere in the domain.
enum PayloadScene {
    static let now = Timestamp(milliseconds: 1_780_000_000_000)
    static let store = StoreID("/state/agents/main/agent")
    static let otherStore = StoreID("/state/agents/work/agent")

    static func after(_ duration: Duration) -> Timestamp { now.advanced(by: duration) }

    static var prepared: PreparedAuth {
        AuthPreparer.prepare(context: context, facts: facts, generation: 12, gathering: .worker, now: now)
    }

    static var reader: AuthReader { AuthReader(prepared, now: now) }

    private static var context: AuthContext {
        AuthContext(
            agents: [
                .init(id: .main, store: store, workspace: "/state/workspace"),
                .init(id: "work", store: otherStore, workspace: "/state/workspace-work"),
            ],
            defaultAgent: .main, mainStore: store,
            providers: [
                "ollama": .init(
                    id: "ollama", baseURL: "http://127.0.0.1:11434", api: "ollama", modelCount: 1),
                "mistral": .init(
                    id: "mistral", key: .reference(.init(source: .environment, provider: "default", id: "MY_MISTRAL"))),
                "deepseek": .init(id: "deepseek", key: .literal),
            ],
            configuredProfiles: ["openai:me": .init(provider: "openai", mode: "oauth")],
            providerIDs: ["anthropic", "deepseek", "groq", "mistral", "ollama", "openai", "xai"],
            providersInUse: ["anthropic", "deepseek", "groq", "mistral", "ollama", "openai"])
    }

    private static var facts: AuthFacts {
        var facts = AuthFacts(
            environment: EnvironmentFact(origins: ["XAI_API_KEY": .shell]), stores: [otherStore: .absent],
            googleCredentials: .absent, awsFiles: .absent)
        let openai = ProfileFact(
            provider: "openai", kind: .oauth, inlineDigest: FactVersion(rawValue: 1),
            refreshDigest: FactVersion(rawValue: 2), expiry: .at(after(.seconds(5 * 3600))),
            identity: .init(accountID: "account-1", email: "me@example.com"))
        let old = ProfileFact(
            provider: "openai", kind: .token, inlineDigest: FactVersion(rawValue: 3),
            expiry: .at(after(.seconds(-3600))))
        let anthropic = ProfileFact(provider: "anthropic", kind: .apiKey, inlineDigest: FactVersion(rawValue: 4))
        facts.stores[store] = .found(
            StoreFact(
                origin: .profiles, path: "/state/agents/main/agent/auth-profiles.json",
                profiles: ["openai:me": openai, "openai:old": old, "anthropic:work": anthropic],
                usage: [
                    "anthropic:work": ProfileUsage(
                        lastUsed: after(.seconds(-60)), cooldownUntil: after(.seconds(240)),
                        cooldownReason: .overloaded,
                        errorCount: 1, failureCounts: [.overloaded: 1], lastFailureAt: after(.seconds(-60)))
                ]),
            version: FactVersion(rawValue: 9))
        return facts
    }
}
