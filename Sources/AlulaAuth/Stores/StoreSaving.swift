package import AlulaPrimitives

/// Decides what of a store may be written: an agent's file holds what is the agent's own.
package enum StoreSaving {
    /// A store as it may be saved.
    package struct Pruned: Hashable, Sendable {
        package var store: StoreFact
        /// Logins that are only inherited: the main store holds the same one in the same or a later state.
        package var inherited: Set<ProfileID>
        /// Logins that another tool keeps. They are read each time and written nowhere.
        package var borrowed: Set<ProfileID>
    }

    /// Leaves out of `agent` what another place owns, and every reference to what is nowhere.
    ///
    /// - Parameters:
    ///   - agent: The store about to be saved.
    ///   - main: The store that it inherits from; `nil` when it is the main store itself.
    ///   - onDisk: What the file holds now. Its orders stay as they are even where a profile is missing: the owner
    ///     may be about to log in again.
    package static func pruned(agent: StoreFact, main: StoreFact?, onDisk: StoreFact? = nil) -> Pruned {
        var store = agent
        var inherited: Set<ProfileID> = []
        var borrowed: Set<ProfileID> = []
        for (id, fact) in agent.profiles {
            if fact.provenance != .stored {
                borrowed.insert(id)
            } else if let base = main?.profiles[id], isInherited(fact, from: base) {
                inherited.insert(id)
            }
        }
        store.profiles = agent.profiles.filter { !inherited.contains($0.key) && !borrowed.contains($0.key) }
        // An inherited or borrowed profile is still there when the store is read again, so its usage is kept.
        var known = Set(agent.profiles.keys)
        if let main { known.formUnion(main.profiles.keys) }
        store.usage = agent.usage.filter { known.contains($0.key) }
        store.lastGood = agent.lastGood.filter { known.contains($0.value) }
        store.order = agent.order.reduce(into: [:]) { orders, entry in
            let (provider, list) = entry
            let written = Set(onDisk?.order[provider] ?? [])
            let kept = list.filter { known.contains($0) || written.contains($0) }
            // An order that was empty switches profiles off; one that became empty would do so by accident.
            if list.isEmpty || !kept.isEmpty { orders[provider] = kept }
        }
        return Pruned(store: store, inherited: inherited, borrowed: borrowed)
    }

    private static func isInherited(_ own: ProfileFact, from main: ProfileFact) -> Bool {
        guard own.kind == .oauth, main.kind == .oauth, own.provider == main.provider else { return false }
        if main.hasSameTokens(as: own) { return true }
        return own.identity.compared(with: main.identity) == .same && !own.isNewer(than: main)
    }
}
