import AlulaPrimitives

/// What was recorded about profiles and is not known to be in their stores yet.
struct UsageHolds: Hashable, Sendable {
    private struct Hold: Hashable {
        var usage: ProfileUsage
        var revision: UInt64
    }

    private var held: [StoreID: [ProfileID: Hold]] = [:]
    /// Logins that could not be renewed or exchanged, by the digest of the token that was sent.
    fileprivate private(set) var troubles: [FactVersion: RenewalTrouble] = [:]
    /// Stores whose part has changed since it was last weighed.
    private(set) var touched: Set<StoreID> = []
    /// Grows with each change.
    private(set) var version: UInt64 = 0

    var isEmpty: Bool { held.isEmpty && troubles.isEmpty }

    /// Whether this was news.
    mutating func hold(_ usage: ProfileUsage, of profile: ProfileID, in store: StoreID, revision: UInt64) -> Bool {
        if let known = held[store]?[profile], known.revision >= revision { return false }
        held[store, default: [:]][profile] = Hold(usage: usage, revision: revision)
        touch(store)
        return true
    }

    /// What was held until now; `nil` when nothing was, or something newer is.
    mutating func letGo(of profile: ProfileID, in store: StoreID, revision: UInt64) -> ProfileUsage? {
        guard let known = held[store]?[profile], known.revision <= revision else { return nil }
        held[store]?[profile] = nil
        if held[store]?.isEmpty == true { held[store] = nil }
        touch(store)
        return known.usage
    }

    /// Holds that a login could not be renewed or exchanged, or with `nil` that it could.
    ///
    /// - Parameter facts: What the stores say; what is held about tokens that are in none of them goes.
    /// - Returns: Whether this was news.
    mutating func hold(_ trouble: RenewalTrouble?, of token: FactVersion, in facts: AuthFacts) -> Bool {
        guard troubles[token] != trouble else { return false }
        troubles[token] = trouble
        var known: Set<FactVersion> = [token]
        var places: [StoreID] = []
        for (store, reading) in facts.stores {
            let tokens = Set(reading.fact?.profiles.values.compactMap(\.exchangedDigest) ?? [])
            known.formUnion(tokens)
            if tokens.contains(token) { places.append(store) }
        }
        troubles = troubles.filter { known.contains($0.key) }
        places.forEach { touch($0) }
        return true
    }

    /// An answer was published that took in everything up to `version`.
    mutating func wereWeighed(at version: UInt64) {
        if version == self.version { touched = [] }
    }

    /// What a store says with what is held over it.
    fileprivate func applied(to reading: Reading<StoreFact>, of store: StoreID) -> Reading<StoreFact> {
        guard let held = held[store] else { return reading }
        var store: StoreFact
        let version: FactVersion
        switch reading {
        case .found(let fact, let known): (store, version) = (fact, known)
        case .absent: (store, version) = (StoreFact(), FactVersion(rawValue: 0))
        // What can't be read stays what it is: an answer from the records alone would hide that.
        case .pending, .failed, .timedOut: return reading
        }
        for (profile, hold) in held { store.usage[profile] = hold.usage == ProfileUsage() ? nil : hold.usage }
        return .found(store, version: version)
    }

    fileprivate var stores: [StoreID] { Array(held.keys) }

    private mutating func touch(_ store: StoreID) {
        touched.insert(store)
        version += 1
    }
}

extension AuthFacts {
    /// These facts with what was recorded since.
    func holding(_ holds: UsageHolds) -> AuthFacts {
        guard !holds.isEmpty else { return self }
        var facts = self
        for store in holds.stores {
            facts.stores[store] = holds.applied(to: facts.stores[store] ?? .absent, of: store)
        }
        facts.renewalTroubles = holds.troubles
        return facts
    }
}
