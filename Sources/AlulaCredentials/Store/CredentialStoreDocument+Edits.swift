package import AlulaAuth
import AlulaJSON
package import AlulaPrimitives

extension CredentialStoreDocument {
    /// Forgets credentials and everything that was recorded about them.
    ///
    /// - Parameters:
    ///   - ids: Profiles to forget; what is recorded about an inherited one goes too.
    ///   - providers: Providers of which every profile goes, with their order.
    /// - Returns: The profiles that were there.
    @discardableResult
    package mutating func removeProfiles(ids: Set<ProfileID> = [], providers: Set<ProviderID> = []) -> [ProfileID] {
        let removed = profiles.filter { ids.contains($0.key) || providers.contains($0.value.provider) }.keys.sorted()
        let gone = ids.union(removed)
        edit { profileMembers, stateMembers in
            profileMembers.editObject("profiles") { $0.removeAll { key, _ in gone.contains(ProfileID(key)) } }
            Self.inBoth(&profileMembers, &stateMembers) { members in
                members.editObject("usageStats") { $0.removeAll { key, _ in gone.contains(ProfileID(key)) } }
                members.editObject("lastGood") { lastGood in
                    lastGood.removeAll { key, value in
                        providers.contains(ProviderID(key))
                            || value.string.map { gone.contains(ProfileID($0)) } ?? false
                    }
                }
                members.editObject("order") { order in
                    order.removeAll { key, _ in providers.contains(ProviderID(key)) }
                    order.withdraw(gone)
                }
            }
        }
        return removed
    }

    /// Sets the order in which a provider's profiles are tried; an empty one switches them off.
    package mutating func setOrder(_ ids: [ProfileID], for provider: ProviderID) {
        edit { _, state in
            state.editObject("order", creating: true) { order in
                order.removeAll { key, _ in ProviderID(key) == provider }
                order[provider.rawValue] = .array(ids.map { .string($0.rawValue) })
            }
        }
    }

    /// Leaves the order to the rules again.
    package mutating func clearOrder(for provider: ProviderID) {
        edit { profileMembers, stateMembers in
            Self.inBoth(&profileMembers, &stateMembers) { members in
                members.editObject("order") { $0.removeAll { key, _ in ProviderID(key) == provider } }
            }
        }
    }

    /// Remembers which profile served a provider last.
    package mutating func setLastGood(_ id: ProfileID, for provider: ProviderID) {
        edit { _, state in
            state.editObject("lastGood", creating: true) { lastGood in
                lastGood.removeAll { key, _ in ProviderID(key) == provider }
                lastGood[provider.rawValue] = .string(id.rawValue)
            }
        }
    }

    /// Changes what is recorded about a profile, which starts with nothing when it is new.
    package mutating func updateUsage(of id: ProfileID, _ change: (inout ProfileUsage) -> Void) {
        var changed = usage[id] ?? ProfileUsage()
        change(&changed)
        guard changed != usage[id] ?? ProfileUsage() else { return }
        edit { profileMembers, stateMembers in
            stateMembers.editObject("usageStats", creating: true) { entries in
                let key = entries.keys.first { ProfileID($0) == id } ?? id.rawValue
                var entry = entries[key]?.object ?? profileMembers["usageStats"]?[id.rawValue]?.object ?? JSONObject()
                changed.store(in: &entry)
                entries[key] = .object(entry)
            }
        }
    }

    /// Ends every window of a profile and forgets its failures; when it was last used and last failed stays known.
    package mutating func clearCooldown(of id: ProfileID) {
        updateUsage(of: id) { usage in
            usage = ProfileUsage(lastUsed: usage.lastUsed, lastFailureAt: usage.lastFailureAt)
        }
    }

    /// Stores a key in place of whatever `id` was; its windows end, because they belonged to another key.
    ///
    /// - Throws: ``CredentialError/Code/invalidProfile`` for a blank id, provider or key.
    package mutating func storeAPIKey(_ key: Secret, as id: ProfileID, provider: ProviderID) throws(CredentialError) {
        guard !key.isBlank else { throw CredentialError(.invalidProfile, "The key is empty; nothing was stored.") }
        try store(StoredProfile(provider: provider, kind: .apiKey, inline: key.normalised), as: id)
    }

    /// Stores a credential in place of whatever `id` was. Members that are not understood, and remarks that `profile`
    /// does not replace, stay.
    ///
    /// - Throws: ``CredentialError/Code/invalidProfile`` for a blank id or provider, or a profile without a secret.
    package mutating func store(_ profile: StoredProfile, as id: ProfileID) throws(CredentialError) {
        guard !id.rawValue.isEmpty, !profile.provider.rawValue.isEmpty else {
            throw CredentialError(.invalidProfile, "A profile needs an id and a provider; nothing was stored.")
        }
        guard profile.inline != nil || profile.reference != nil || profile.refresh != nil else {
            throw CredentialError(.invalidProfile, "A profile needs a secret or a pointer to one; nothing was stored.")
        }
        let isSame = profiles[id]?.holdsSameSecret(as: profile) ?? false
        let isOther = profiles[id] != nil && !isSame
        edit { profileMembers, _ in
            if profileMembers["version"] == nil { profileMembers["version"] = 1 }
            profileMembers.editObject("profiles", creating: true) { entries in
                let key = entries.keys.first { ProfileID($0) == id } ?? id.rawValue
                var entry = entries[key]?.object ?? JSONObject()
                let pointer = isSame ? entry["oauthRef"] : nil
                profile.store(in: &entry)
                entry["oauthRef"] = pointer
                entries[key] = .object(entry)
            }
        }
        if isOther { clearCooldown(of: id) }
    }

    /// State can stand in both files.
    private static func inBoth(
        _ profiles: inout JSONObject, _ state: inout JSONObject, _ change: (inout JSONObject) -> Void
    ) {
        change(&profiles)
        change(&state)
    }
}

extension StoredProfile {
    /// Whether both would sign a request alike.
    fileprivate func holdsSameSecret(as other: StoredProfile) -> Bool {
        guard let inline, let theirs = other.inline else { return reference != nil && reference == other.reference }
        return inline.normalised.matches(theirs.normalised)
    }

    /// Writes this credential into an entry, in place of the one that was there.
    fileprivate func store(in entry: inout JSONObject) {
        for secret in [
            "access", "apiKey", "expires", "idToken", "key", "keyRef", "mode", "oauthRef", "refresh", "token",
            "tokenRef",
        ] { entry[secret] = nil }
        func text(_ value: String?, as member: String) { if let value { entry[member] = .string(value) } }
        entry["type"] = .string(kind.rawValue)
        entry["provider"] = .string(provider.rawValue)
        let (inlineMember, referenceMember) =
            switch kind {
            case .apiKey: ("key", "keyRef")
            case .token: ("token", "tokenRef")
            case .oauth: ("access", "")
            }
        if let reference, !referenceMember.isEmpty {
            entry[referenceMember] = [
                "source": .string(reference.source.rawValue), "provider": .string(reference.provider),
                "id": .string(reference.id),
            ]
        } else {
            text(inline?.exposed, as: inlineMember)
        }
        text(refresh?.exposed, as: "refresh")
        text(idToken?.exposed, as: "idToken")
        switch expiry {
        case .unstated: break
        case .at(let instant): entry["expires"] = .number(instant.milliseconds)
        case .invalid: entry["expires"] = 0
        }
        text(identity.accountID, as: "accountId")
        text(identity.email, as: "email")
        text(displayName, as: "displayName")
        text(clientID, as: "clientId")
        text(projectID, as: "projectId")
        text(enterpriseURL, as: "enterpriseUrl")
        text(plan, as: "chatgptPlanType")
        if let copiesToAgents { entry["copyToAgents"] = .bool(copiesToAgents) }
    }
}

extension JSONObject {
    /// Changes the object that is the value of `key`.
    ///
    /// - Parameter creating: Whether a missing one, or what stands there and is no object, is replaced by an empty one.
    fileprivate mutating func editObject(_ key: String, creating: Bool = false, _ change: (inout JSONObject) -> Void) {
        guard var object = self[key]?.object ?? (creating ? JSONObject() : nil) else { return }
        change(&object)
        self[key] = .object(object)
    }

    /// Takes profiles out of orders. One that would be left empty goes too: it would switch the provider off.
    fileprivate mutating func withdraw(_ ids: Set<ProfileID>) {
        var emptied: Set<String> = []
        for (provider, value) in self {
            guard let elements = value.array else { continue }
            let kept = elements.filter { element in element.string.map { !ids.contains(ProfileID($0)) } ?? true }
            guard kept.count < elements.count else { continue }
            if kept.isEmpty { emptied.insert(provider) } else { self[provider] = .array(kept) }
        }
        removeAll { emptied.contains($0.key) }
    }
}
