import AlulaJSON
import AlulaPrimitives

/// The gateway's answers as a bundle shows them: names that somebody chose get pseudonyms, names of people are left out.
enum AnswerDigest {
    /// - Parameter text: Learns the names in `answer`, and replaces them in everything that passes it afterwards.
    static func shown(_ answer: JSONValue, learning text: inout BundleText) -> JSONValue {
        learn(answer, "", &text.names)
        return shown(answer, "", &text)
    }

    /// Takes down names first, since a sentence may mention one that comes later.
    private static func learn(_ value: JSONValue, _ key: String, _ names: inout BundleNames) {
        switch value {
        case .null, .bool, .number: break
        case .string(let text): _ = name(text, key, &names)
        case .array(let elements): for element in elements { learn(element, key, &names) }
        case .object(let object):
            if key == "aliases" { for (alias, _) in object { _ = names.name(alias, .model) } }
            for (inner, value) in object { learn(value, inner, &names) }
        }
    }

    private static func shown(_ value: JSONValue, _ key: String, _ text: inout BundleText) -> JSONValue {
        switch value {
        case .null, .bool, .number: return value
        case .string(let string):
            if let name = name(string, key, &text.names) { return .string(name) }
            switch key {
            // A sign for people, which holds the account's address.
            case "label", "email", "displayName", "name", "labels": return "(text)"
            case "configPath", "agentDir", "storePath", "workspace", "path", "sourcePath", "detailPath":
                return .string(text.place(string))
            case "value": return .string(given(string))
            default: return value
            }
        case .array(let elements): return .array(elements.map { shown($0, key, &text) })
        case .object(let object):
            if key == "aliases" { return .string("(\(object.count) aliases)") }
            return .object(JSONObject(object.map { ($0.key, shown($0.value, $0.key, &text)) }))
        }
    }

    /// How a key is given, without what a reference points at.
    private static func given(_ text: String) -> String {
        if text == Secret.placeholder || text == "plugin-owned" { return text }
        guard text.hasPrefix("ref("), let colon = text.firstIndex(of: ":") else { return "(text)" }
        return text[..<colon] + ")"
    }

    /// What stands for a text that is a name by the key it has; `nil` where the key says nothing of the kind.
    private static func name(_ text: String, _ key: String, _ names: inout BundleNames) -> String? {
        switch key {
        case "profileId", "profiles", "profileOrder", "profile": names.name(text, .profile)
        case "agentId", "defaultAgentId": names.name(text, .agent)
        case "provider", "missingProvidersInUse", "availableProviders": names.name(text, .provider)
        case "defaultModel", "resolvedDefault", "fallbacks", "imageModel", "imageFallbacks", "allowed", "model":
            text.isEmpty ? text : names.model(text)
        case "appliedKeys": names.name(text, .key)
        default: nil
        }
    }
}
