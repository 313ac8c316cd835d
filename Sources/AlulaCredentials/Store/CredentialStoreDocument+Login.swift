import AlulaAuth
import AlulaJSON
package import AlulaPrimitives

extension CredentialStoreDocument {
    /// What an entry says about its owner.
    private static let ownerMembers = [
        "accountId", "chatgptPlanType", "clientId", "email", "enterpriseUrl", "projectId",
    ]

    /// Stores a login that was just issued. A login of another account is replaced only where a person chose its id.
    ///
    /// - Parameter chosen: The id that a person wants; `nil` for one that says whose it is.
    /// - Returns: The id that it has now.
    /// - Throws: ``CredentialError/Code/invalidProfile`` for a blank id or provider.
    package mutating func storeLogin(
        _ login: IssuedLogin, as chosen: ProfileID? = nil
    ) throws(CredentialError) -> ProfileID {
        let id = chosen ?? freeID(for: login)
        let earlier = profiles[id]
        if earlier.map({ $0.identity.compared(with: login.identity) != .same }) ?? false {
            // What was known about somebody else must not be taken for this login's.
            forgetOwner(of: id)
        }
        try store(login.profile, as: id)
        return id
    }

    private func freeID(for login: IssuedLogin) -> ProfileID {
        let isOthers =
            profiles[login.standardID].map {
                $0.kind != login.kind || $0.provider != login.provider
                    || $0.identity.compared(with: login.identity) == .different
            } ?? false
        return isOthers ? login.distinctID : login.standardID
    }

    private mutating func forgetOwner(of id: ProfileID) {
        edit { profileMembers, _ in
            guard var entries = profileMembers["profiles"]?.object else { return }
            for (key, value) in entries where ProfileID(key) == id {
                guard var entry = value.object else { continue }
                for member in Self.ownerMembers { entry[member] = nil }
                if var metadata = entry["metadata"]?.object, metadata["accountId"] != nil {
                    metadata["accountId"] = nil
                    entry["metadata"] = metadata.isEmpty ? nil : .object(metadata)
                }
                entries[key] = .object(entry)
            }
            profileMembers["profiles"] = .object(entries)
        }
    }
}
