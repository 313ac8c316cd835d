import AlulaModels
import AlulaPrimitives

@testable import AlulaAuth

/// The instant at which the tests of profiles and stores take place.
let noon = Timestamp(milliseconds: 1_780_000_000_000)

extension Timestamp {
    static func noon(plus duration: Duration) -> Timestamp { AlulaAuthTests.noon.advanced(by: duration) }
}

extension Duration {
    static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
    static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
}

extension FactVersion: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt64) { self.init(rawValue: value) }
}

extension ProfileFact {
    static func key(_ provider: ProviderID) -> ProfileFact {
        ProfileFact(provider: provider, kind: .apiKey, inlineDigest: 1)
    }

    static func token(_ provider: ProviderID, expiry: Expiry = .unstated) -> ProfileFact {
        ProfileFact(provider: provider, kind: .token, inlineDigest: 2, expiry: expiry)
    }

    /// A login whose access token ends `left` after noon.
    static func login(
        _ provider: ProviderID, left: Duration?, account: String? = nil, email: String? = nil,
        digest: FactVersion = 3, refresh: FactVersion? = 4
    ) -> ProfileFact {
        ProfileFact(
            provider: provider, kind: .oauth, inlineDigest: digest, refreshDigest: refresh,
            expiry: left.map { .at(.noon(plus: $0)) } ?? .invalid,
            identity: .init(accountID: account, email: email))
    }
}

extension LoginFact {
    static func sample(
        _ tool: LoginTool, kind: ProfileFact.Kind = .oauth, left: Duration? = .hours(1), account: String? = nil,
        email: String? = nil
    ) -> Reading<LoginFact> {
        .found(
            LoginFact(
                tool: tool, kind: kind, digest: 77, refreshDigest: kind == .oauth ? 78 : nil,
                expiry: left.map { .at(.noon(plus: $0)) } ?? .unstated,
                identity: .init(accountID: account, email: email), modified: noon, path: "/nowhere/login.json"),
            version: 79)
    }
}

extension AuthContext {
    static func sample(
        profiles: [ProfileID: ConfiguredProfile] = [:], order: [ProviderID: [ProfileID]] = [:]
    ) -> AuthContext {
        let store = StoreID("/nowhere/main")
        return AuthContext(
            agents: [.init(id: .main, store: store, workspace: "/nowhere/work")], defaultAgent: .main,
            mainStore: store, configuredProfiles: profiles, configuredOrder: order)
    }
}
