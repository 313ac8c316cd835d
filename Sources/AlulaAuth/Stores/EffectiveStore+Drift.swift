import AlulaPrimitives

extension EffectiveStore {
    /// Gives up copies of a provider's only login that an agent kept while the main store moved on.
    ///
    /// A login used to be stored as `<provider>:default` and copied to every agent; a later one under the owner's
    /// name left those copies to expire. Where the main store has a later one that surely belongs to the same
    /// owner, it takes the copy's place in orders, and the main store's own entry of that name comes back.
    mutating func repairDrift(of agent: StoreFact, over main: StoreFact, now: Timestamp) {
        for (id, fact) in agent.profiles
        where fact.kind == .oauth && id == ProfileID.standard(for: fact.provider) {
            guard let replacement = Self.replacement(of: id, fact, in: main, now: now) else { continue }
            replaceReferences(to: id, by: replacement)
            profiles[id] = main.profiles[id].map { Profile(fact: $0, owner: .main) }
            usage[id] = main.usage[id]
            replacements[id] = replacement
        }
    }

    private static func replacement(
        of id: ProfileID, _ copy: ProfileFact, in main: StoreFact, now: Timestamp
    ) -> ProfileID? {
        let candidates = main.profiles.filter { candidate in
            candidate.key != id && candidate.value.kind == .oauth && candidate.value.provider == copy.provider
                && candidate.value.isUsable(at: now) && candidate.value.isNewer(than: copy)
        }
        let safe = candidates.filter { copy.identity.allowsAdoption(of: $0.value.identity) }
        if !safe.isEmpty {
            if copy.identity.isEmpty, safe.count > 1 { return nil }
            return safe.min { left, right in
                if left.value.isNewer(than: right.value) { return true }
                return !right.value.isNewer(than: left.value) && left.key < right.key
            }?.key
        }
        guard !copy.isUsable(at: now) else { return nil }
        let undisputed = candidates.filter { copy.identity.compared(with: $0.value.identity) != .different }
        return undisputed.count == 1 ? undisputed.first?.key : nil
    }

    private mutating func replaceReferences(to id: ProfileID, by replacement: ProfileID) {
        for (provider, list) in order where list.contains(id) {
            var seen: Set<ProfileID> = []
            order[provider] = list.map { $0 == id ? replacement : $0 }.filter { seen.insert($0).inserted }
        }
        for (provider, good) in lastGood where good == id { lastGood[provider] = replacement }
    }
}
