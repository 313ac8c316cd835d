import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension CredentialStoreDocument {
    /// Makes a store of what older versions left: a map from provider to credential, and one to OAuth logins.
    ///
    /// - Returns: `nil` when neither holds an entry.
    init?(legacyMap: JSONValue?, at mapPath: String, legacyOAuth: JSONValue?, at oauthPath: String, state: JSONObject) {
        var entries = JSONObject()
        var hasMap = false
        for (key, value) in legacyMap?.object ?? JSONObject() where !Self.isStore(legacyMap ?? .null) {
            guard let id = Self.standardID(for: key) else { continue }
            entries[id] = Self.entry(value, provider: key, type: nil)
            hasMap = true
        }
        for (key, value) in legacyOAuth?.object ?? JSONObject() {
            guard let id = Self.standardID(for: key), entries[id] == nil, value.object != nil else { continue }
            entries[id] = Self.entry(value, provider: key, type: .oauth)
        }
        guard !entries.isEmpty else { return nil }
        self.init(
            profiles: JSONObject([("version", 1), ("profiles", .object(entries))]), state: state,
            origin: hasMap ? .legacyMap : .legacyOAuth, path: hasMap ? mapPath : oauthPath)
    }

    private static func standardID(for key: String) -> String? {
        let provider = ProviderID(key)
        return provider.rawValue.isEmpty ? nil : ProfileID.standard(for: provider).rawValue
    }

    private static func entry(_ value: JSONValue, provider: String, type: ProfileFact.Kind?) -> JSONValue {
        guard var object = value.object else { return value }
        if let type { object["type"] = .string(type.rawValue) }
        if StoredProfileDecoder.text(object["provider"]) == nil {
            object["provider"] = .string(ProviderID(provider).rawValue)
        }
        return .object(object)
    }
}
