import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension CredentialStoreDocument {
    /// Brings what a change touched into the form that every program expects: no secret beside a pointer, no
    /// empty maps, and no copies of logins that the main store has at least as fresh.
    ///
    /// - Parameters:
    ///   - earlier: The document before the change; what the change touched is not dropped.
    ///   - main: The store that this one inherits from.
    mutating func prune(since earlier: CredentialStoreDocument, main: CredentialStoreDocument?) {
        let inherited = main.map { inheritedLogins(from: $0, since: earlier) } ?? []
        let changesProfiles = profileMembers != earlier.profileMembers
        let changesState = stateMembers != earlier.stateMembers
        guard changesProfiles || changesState else { return }
        edit { profileMembers, stateMembers in
            if changesProfiles, let entries = profileMembers["profiles"]?.object {
                let kept = entries.lazy.filter { !inherited.contains(ProfileID($0.key)) }
                profileMembers["profiles"] = .object(
                    JSONObject(kept.map { ($0.key, Self.withoutPlaintextBesidePointer($0.value)) }))
            }
            guard changesState else { return }
            if let records = stateMembers["usageStats"]?.object {
                let kept = records.lazy.filter { $0.value.object?.isEmpty != true }
                stateMembers["usageStats"] = .object(JSONObject(kept.map { ($0.key, $0.value) }))
            }
            for map in ["order", "lastGood", "usageStats"] where stateMembers[map]?.object?.isEmpty == true {
                stateMembers[map] = nil
            }
        }
    }

    /// Whether nothing but the version would be written to the state file.
    var hasNoState: Bool { stateMembers.allSatisfy { $0.key == "version" } }

    private func inheritedLogins(
        from main: CredentialStoreDocument, since earlier: CredentialStoreDocument
    ) -> Set<ProfileID> {
        let mine = profileMembers["profiles"]?.object
        let before = earlier.profileMembers["profiles"]?.object
        return Set(
            profiles.filter { id, profile in
                guard profile.kind == .oauth, mine?[id.rawValue] == before?[id.rawValue],
                    let inherited = main.profiles[id], inherited.kind == .oauth, inherited.provider == profile.provider
                else { return false }
                return profile.hasSameOwner(as: inherited) && inherited.isAtLeastAsFresh(as: profile)
            }.keys)
    }

    private static func withoutPlaintextBesidePointer(_ entry: JSONValue) -> JSONValue {
        guard var object = entry.object else { return entry }
        for (plaintext, pointer) in [("key", "keyRef"), ("token", "tokenRef")] {
            guard object[plaintext]?.string != nil,
                object[pointer].flatMap(SecretReference.init(stored:)) != nil
            else { continue }
            object[plaintext] = nil
        }
        return .object(object)
    }
}

extension StoredProfile {
    /// Whether both are logins of one account: by account, else by address, else because they are the same tokens.
    fileprivate func hasSameOwner(as other: StoredProfile) -> Bool {
        if let mine = identity.accountID, let theirs = other.identity.accountID { return mine == theirs }
        if let mine = identity.email, let theirs = other.identity.email { return mine == theirs }
        guard identity.isEmpty, other.identity.isEmpty, let refresh, let theirs = other.refresh else { return false }
        return refresh.matches(theirs)
    }

    fileprivate func isAtLeastAsFresh(as other: StoredProfile) -> Bool {
        switch (expiry, other.expiry) {
        case (.at(let mine), .at(let theirs)): mine >= theirs
        case (.at, .unstated), (.at, .invalid): true
        case (.unstated, _), (.invalid, _): false
        }
    }
}
