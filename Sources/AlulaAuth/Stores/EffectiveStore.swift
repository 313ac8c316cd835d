package import AlulaPrimitives

/// What one agent's requests find: its own store over the main one, and other tools' logins beside them.
///
/// The reference also remembers which profiles came from outside, since it saves merged stores. Here a store is
/// never saved from a merge, and every profile says itself where it came from.
package struct EffectiveStore: Hashable, Sendable {
    /// Which store a profile is changed in, or that it is nobody's to change.
    package enum Owner: Hashable, Sendable {
        case main
        case agent
        case tool(LoginTool)
    }

    /// A credential and who keeps it.
    package struct Profile: Hashable, Sendable {
        package var fact: ProfileFact
        package var owner: Owner

        package init(fact: ProfileFact, owner: Owner) {
            self.fact = fact
            self.owner = owner
        }
    }

    package internal(set) var profiles: [ProfileID: Profile]
    package internal(set) var order: [ProviderID: [ProfileID]]
    package internal(set) var lastGood: [ProviderID: ProfileID]
    package internal(set) var usage: [ProfileID: ProfileUsage]
    /// Profiles of the agent that gave way to a fresher login of the main store, and which one.
    package internal(set) var replacements: [ProfileID: ProfileID]
    /// Logins of other tools that belong to somebody else than the stored profile they would renew.
    package internal(set) var refusedLogins: [LoginTool: ProfileID]

    init(_ store: StoreFact, owner: Owner) {
        profiles = store.profiles.mapValues { Profile(fact: $0, owner: owner) }
        order = store.order
        lastGood = store.lastGood
        usage = store.usage
        replacements = [:]
        refusedLogins = [:]
    }

    /// Lays an agent's store over the main one, entry by entry.
    ///
    /// - Parameters:
    ///   - main: The main store, or `nil` when there is none to be read.
    ///   - agent: The agent's own store, or `nil` for the main agent and for agents without one.
    package static func merging(main: StoreFact?, agent: StoreFact?, now: Timestamp) -> EffectiveStore {
        var merged = EffectiveStore(main ?? StoreFact(), owner: .main)
        guard let agent, !agent.isEmpty else { return merged }
        let base = merged.profiles
        for (id, fact) in agent.profiles {
            merged.profiles[id] = preferred(own: fact, over: base[id]?.fact, now: now)
        }
        merged.order.merge(agent.order) { _, own in own }
        merged.lastGood.merge(agent.lastGood) { _, own in own }
        merged.usage.merge(agent.usage) { _, own in own }
        merged.repairDrift(of: agent, over: main ?? StoreFact(), now: now)
        merged.dropUnknown()
        return merged
    }

    /// This store with what was recorded about its profiles since it was read.
    package func overlaying(usage recent: [ProfileID: ProfileUsage]) -> EffectiveStore {
        var store = self
        for (id, usage) in recent where profiles[id] != nil { store.usage[id] = usage }
        return store
    }

    /// The agent's own credential, or the main store's copy of the same login when that is the fresher one.
    static func preferred(own: ProfileFact, over base: ProfileFact?, now: Timestamp) -> Profile {
        let kept = Profile(fact: own, owner: .agent)
        guard let base, own.kind == .oauth, base.kind == .oauth, own.provider == base.provider else { return kept }
        if base.hasSameTokens(as: own) { return Profile(fact: own, owner: .main) }
        if base.isUsable(at: now), base.isNewer(than: own), own.identity.allowsAdoption(of: base.identity) {
            return Profile(fact: base, owner: .main)
        }
        // The main store refreshes a login that it holds in the same or a later state.
        let isOlder = own.isNewer(than: base)
        if !isOlder, own.identity.compared(with: base.identity) == .same { return Profile(fact: own, owner: .main) }
        return kept
    }

    /// Drops what refers to profiles that are nowhere, except to those that a tool's login may yet bring in.
    private mutating func dropUnknown() {
        func isKnown(_ id: ProfileID) -> Bool { profiles[id] != nil || LoginImport.profiles.contains(id) }
        // As a rule there is nothing to drop, and looking is cheaper than building both anew for each agent.
        if !lastGood.values.allSatisfy(isKnown) { lastGood = lastGood.filter { isKnown($0.value) } }
        if !usage.keys.allSatisfy(isKnown) { usage = usage.filter { isKnown($0.key) } }
    }
}
