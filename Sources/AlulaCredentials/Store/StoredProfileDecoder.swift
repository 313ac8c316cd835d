import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// Brings one entry of `profiles` into its canonical form, without changing what is on disk.
enum StoredProfileDecoder {
    /// Why an entry is no credential. Raw values appear in the warning, in this order.
    enum Rejection: String, CaseIterable, Error {
        case nonObject = "non_object"
        case invalidType = "invalid_type"
        case missingProvider = "missing_provider"
    }

    /// Reads one member of `profiles`.
    ///
    /// - Parameter provider: What stands for a missing `provider`; `nil` where a missing one is an error.
    static func decode(_ entry: JSONValue, provider: ProviderID? = nil) throws(Rejection) -> StoredProfile {
        guard let object = entry.object else { throw .nonObject }
        guard let kind = kind(of: object) else { throw .invalidType }
        let stated = text(object["provider"]).map { ProviderID($0) }
        guard let provider = stated ?? provider, !provider.rawValue.isEmpty else { throw .missingProvider }

        var profile = StoredProfile(provider: provider, kind: kind)
        switch kind {
        case .apiKey: decodeKey(object, into: &profile)
        case .token: decodeToken(object, into: &profile)
        case .oauth: decodeLogin(object, into: &profile)
        }
        profile.expiry = kind == .apiKey ? .unstated : expiry(object["expires"])
        profile.identity = .init(
            accountID: text(object["accountId"])?.trimmed() ?? text(object["metadata"]?["accountId"])?.trimmed(),
            email: text(object["email"])?.trimmed().lowercased())
        profile.displayName = text(object["displayName"])
        profile.copiesToAgents = object["copyToAgents"]?.bool
        profile.clientID = text(object["clientId"])
        profile.projectID = text(object["projectId"])
        profile.enterpriseURL = text(object["enterpriseUrl"])
        profile.plan = text(object["chatgptPlanType"])
        for (key, value) in object["metadata"]?.object ?? JSONObject() { profile.metadata[key] = value.string }
        return profile
    }

    /// Present and not a point in time counts as invalid, not as absent.
    static func expiry(_ value: JSONValue?) -> ProfileFact.Expiry {
        guard let value, !value.isNull else { return .unstated }
        guard let number = value.double, let instant = Timestamp(validating: number) else { return .invalid }
        return .at(instant)
    }

    /// A string with something in it.
    static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.trimmed().isEmpty else { return nil }
        return text
    }

    private static func kind(of object: JSONObject) -> ProfileFact.Kind? {
        guard let spelling = text(object["type"]) ?? (object["type"] == nil ? text(object["mode"]) : nil)
        else { return nil }
        return spelling == "apiKey" ? .apiKey : ProfileFact.Kind(rawValue: spelling)
    }

    private static func decodeKey(_ object: JSONObject, into profile: inout StoredProfile) {
        let pointer = object["keyRef"].flatMap(SecretReference.init(stored:))
        let value = usable(object["key"]) ?? (pointer == nil ? usable(object["apiKey"]) : nil)
        // A pointer beside a key wins: the key is what was there before the secret was moved elsewhere.
        if let pointer { profile.reference = pointer } else { take(value, into: &profile) }
    }

    private static func decodeToken(_ object: JSONObject, into profile: inout StoredProfile) {
        take(usable(object["token"]), into: &profile)
        if profile.reference == nil { profile.reference = object["tokenRef"].flatMap(SecretReference.init(stored:)) }
    }

    private static func decodeLogin(_ object: JSONObject, into profile: inout StoredProfile) {
        profile.inline = secret(object["access"])
        profile.refresh = secret(object["refresh"])
        profile.idToken = secret(object["idToken"])
        profile.hasForbiddenReference = ["access", "refresh", "token", "tokenRef", "key", "keyRef"].contains { field in
            object[field].flatMap(SecretReference.init(stored:)) != nil
        }
        if profile.hasForbiddenReference { profile.inline = nil }
    }

    /// A field that holds text or a pointer; anything else is as good as absent.
    private static func usable(_ value: JSONValue?) -> JSONValue? {
        guard let value else { return nil }
        if let text = value.string { return text.trimmed().isEmpty ? nil : value }
        return SecretReference(stored: value) == nil ? nil : value
    }

    private static func take(_ value: JSONValue?, into profile: inout StoredProfile) {
        guard let value else { return }
        if let pointer = SecretReference(stored: value) {
            profile.reference = pointer
        } else {
            profile.inline = secret(value)
        }
    }

    private static func secret(_ value: JSONValue?) -> Secret? {
        guard let text = text(value) else { return nil }
        let secret = Secret(text)
        return secret.hasNothing ? nil : secret
    }
}
