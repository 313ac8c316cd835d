package import AlulaPrimitives

extension EffectiveStore {
    /// Takes in the logins that other tools keep on this machine, where they add something.
    ///
    /// A stored login that can be used stays. One that can't gives way to a usable login of the same owner. A login
    /// that has ended is taken in only where nothing is stored, so that the answer names the tool to run.
    package func overlaying(
        logins: [LoginTool: Reading<LoginFact>], scope: LoginScope = .all, now: Timestamp
    ) -> EffectiveStore {
        var store = self
        for login in LoginImport.all {
            guard let found = logins[login.tool]?.fact, found.kind == login.kind else { continue }
            for id in candidates(for: login, scope: scope) {
                store.take(login.fact(of: found), as: id, from: login, now: now)
            }
        }
        return store
    }

    /// The profile ids under which a login could be taken in.
    private func candidates(for login: LoginImport, scope: LoginScope) -> [ProfileID] {
        let existing = profiles.filter { $0.key == login.profile || isEmptyShell($0.value.fact, for: login) }
            .map(\.key).sorted()
        switch scope {
        case .none:
            return []
        case .existing:
            return existing.filter { profiles[$0]?.fact.kind == .oauth }
        case .named(let providers, let requested):
            let matching = requested.filter { $0 == login.profile || existing.contains($0) }
            if !matching.isEmpty { return matching.sorted() }
            guard !login.names.isDisjoint(with: providers) else { return [] }
            return existing.isEmpty ? [login.profile] : existing
        case .all:
            return existing.isEmpty ? [login.profile] : existing
        }
    }

    /// A stored login of the same provider whose tokens are gone, which the tool's login may stand in for.
    private func isEmptyShell(_ fact: ProfileFact, for login: LoginImport) -> Bool {
        fact.kind == .oauth && login.kind == .oauth && fact.provider == login.provider && !fact.hasToken
    }

    private mutating func take(_ found: ProfileFact, as id: ProfileID, from login: LoginImport, now: Timestamp) {
        let imported = Profile(fact: found, owner: .tool(login.tool))
        guard let stored = profiles[id]?.fact else {
            profiles[id] = imported
            return
        }
        guard stored.kind == .oauth, stored.provider == login.provider, found.kind == .oauth else { return }
        if login.isBootstrapOnly, stored.hasToken { return }
        guard !stored.isUsable(at: now) else { return }
        guard stored.identity.allowsAdoption(of: found.identity) else {
            refusedLogins[login.tool] = id
            return
        }
        if found.isUsable(at: now) { profiles[id] = imported }
    }
}
