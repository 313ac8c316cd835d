import AlulaConfiguration
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// The configuration as a bundle shows it: what is known to be harmless, and of everything else only that it is there.
///
/// `config.get` hides what is read as a secret or is called one. That is enough for the owner's own eyes, and not for a file
/// that leaves the machine: a secret may also stand in an argument of a helper, in a key, or under a name that nobody here
/// knows. So truth values, numbers in known places, words of closed sets, and names that everybody knows are shown, other
/// names get a pseudonym, and all other texts become `(text)`.
struct ConfigurationDigest {
    /// Shorter texts are not looked for elsewhere.
    private static let minimumHidden = 6
    private static let minimumWord = 8

    var names: BundleNames
    private var shownTexts: Set<String> = []

    init(names: BundleNames) { self.names = names }

    /// What may be shown of `value`, which passed `ConfigurationView`.
    mutating func shown(_ value: JSONValue) -> JSONValue {
        shown(value, ConfigurationSchema.current.root, [])
    }

    /// The texts and keys of `resolved` that ``shown(_:)`` did not show, with what is in their URLs.
    func leftOut(of resolved: JSONValue) -> Set<String> {
        var texts: Set<String> = []
        Self.collect(resolved, into: &texts)
        for text in texts { texts.formUnion(Self.credentials(inURL: text) + Self.words(in: text)) }
        let isPublic = Self.vocabulary.union(shownTexts).union(names.known)
        return texts.filter { $0.utf8.count >= Self.minimumHidden && !isPublic.contains($0) }
    }

    /// Takes down which variables and which entries of secret providers `value` points at: answers repeat them.
    mutating func learnReferences(in value: JSONValue) {
        switch value {
        case .null, .bool, .number: break
        case .string(let text):
            var rest = text[...]
            while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
                _ = names.name(String(rest[start.upperBound..<end]), .key)
                rest = rest[end...]
            }
        case .array(let elements): for element in elements { learnReferences(in: element) }
        case .object(let object):
            if object["source"]?.string != nil, let id = object["id"]?.string { _ = names.name(id, .key) }
            for (_, inner) in object { learnReferences(in: inner) }
        }
    }

    // MARK: Values

    private mutating func shown(_ value: JSONValue, _ place: ConfigurationSchema.Place?, _ path: [String]) -> JSONValue
    {
        guard let place, !place.isKept else { return .string(Self.summary(value)) }
        if place.isSecret { return Self.secret(value) }
        switch value {
        case .null, .bool: return value
        case .number: return isNumeric(place) ? value : "(number)"
        case .string(let text): return .string(self.text(text, place, path))
        case .array(let elements):
            let item = place.item ?? (place.kinds.contains(.texts) ? place : nil)
            return .array(elements.map { shown($0, item, path) })
        case .object(let object):
            guard place.hasChildren else { return .string(Self.summary(value)) }
            var result = JSONObject()
            for (key, inner) in object {
                result[self.key(key, place, path)] = shown(inner, place[key], path + [key])
            }
            return .object(result)
        }
    }

    private func isNumeric(_ place: ConfigurationSchema.Place) -> Bool {
        place.kinds.contains { kind in
            switch kind {
            case .integer, .number: true
            case .text, .textOrOff, .flag, .choice, .secret, .secretText, .texts, .object, .map, .list, .anything: false
            }
        }
    }

    /// A key of an object at `path`.
    mutating func key(_ key: String, _ place: ConfigurationSchema.Place?, _ path: [String]) -> String {
        if let place, place.properties.contains(where: { $0.key == key }) { return key }
        switch path.last {
        case "providers" where path.first == "models", "order", "billingBackoffHoursByProvider":
            return names.name(key, .provider)
        case "entries" where path.first == "agents": return names.name(key, .agent)
        case "profiles" where path.first == "auth": return names.name(key, .profile)
        case "models": return model(key)
        default: return names.name(key, .key)
        }
    }

    private mutating func text(_ text: String, _ place: ConfigurationSchema.Place, _ path: [String]) -> String {
        if text.isEmpty || text == ConfigurationView.placeholder { return text }
        if Self.words(of: place).contains(text) { return note(text) }
        guard let last = path.last else { return "(text)" }
        if path.first == "auth", path.dropLast().last == "order" { return names.name(text, .profile) }
        switch last {
        case "primary", "fallbacks", "model", "imageModel", "allow": return model(text)
        case "provider": return names.name(text, .provider)
        case "id" where path.first == "agents" && path.contains("list") && path.count == 3, "agentId":
            return names.name(text, .agent)
        case "baseUrl", "publicOrigin", "allowedOrigins": return Self.origin(text)
        case "api":
            if case .unknown = APIKind(text) { return "(text)" }
            return note(text)
        case "lastTouchedVersion", "lastTouchedAt": return Self.isVersion(text) ? note(text) : "(text)"
        case "input": return ["text", "image", "audio", "video"].contains(text) ? text : "(text)"
        default: return "(text)"
        }
    }

    private mutating func model(_ text: String) -> String {
        let shown = names.model(text)
        return shown == text ? note(text) : shown
    }

    private mutating func note(_ text: String) -> String {
        shownTexts.insert(text)
        return text
    }

    private static func words(of place: ConfigurationSchema.Place) -> [String] {
        place.kinds.flatMap { kind in if case .choice(let words) = kind { words } else { [String]() } }
    }

    /// Of a secret only how it is given.
    private static func secret(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool: return value
        case .string(let text): return text.isEmpty ? "" : text.hasPrefix("${") ? "(variable)" : "(secret)"
        case .number, .array: return "(secret)"
        case .object(let object):
            let source = object["source"]?.string ?? ""
            return ["env", "file", "exec", "store"].contains(source) ? .string("(reference: \(source))") : "(secret)"
        }
    }

    /// Of what is not known here only what kind of value it is.
    private static func summary(_ value: JSONValue) -> String {
        switch value {
        case .null, .bool, .number, .string: "(\(value.kindName))"
        case .array(let elements): "(\(value.kindName) of \(elements.count))"
        case .object(let object): "(\(value.kindName) of \(object.count))"
        }
    }

    /// A URL as far as it tells how something is reached, without where: paths hold keys as often as queries do.
    static func origin(_ text: String) -> String {
        guard let separator = text.firstRange(of: "://") else { return "(text)" }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard ["http", "https", "ws", "wss"].contains(scheme) else { return "(URL)" }
        let authority = text[separator.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        let port = host.dropFirst(name.count)
        let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
        let isPort =
            port.isEmpty || (port.utf8.count <= 6 && port.dropFirst().utf8.allSatisfy { (48...57).contains($0) })
        return "\(scheme)://\(isLocal ? String(name) : "(host)")\(isPort ? String(port) : "")"
    }

    private static func isVersion(_ text: String) -> Bool {
        text.utf8.count <= 32 && text.utf8.first.map { (48...57).contains($0) } ?? false
            && text.utf8.allSatisfy { (48...58).contains($0) || [0x2B, 0x2D, 0x2E, 0x54, 0x5A].contains($0) }
    }

    // MARK: What is left out

    private static func collect(_ value: JSONValue, into texts: inout Set<String>) {
        switch value {
        case .null, .bool: break
        case .number(let number): texts.insert(number.text)
        case .string(let text): texts.insert(text)
        case .array(let elements): for element in elements { collect(element, into: &texts) }
        case .object(let object):
            for (key, inner) in object {
                texts.insert(key)
                collect(inner, into: &texts)
            }
        }
    }

    /// Parts of a longer text that are no words of a language: what a note says of a key, say.
    private static func words(in text: String) -> [String] {
        text.split { $0.isWhitespace || $0 == "=" || $0 == "," || $0 == "\"" || $0 == "'" }.map(String.init).filter {
            word in
            word.utf8.count >= minimumWord && word.utf8.contains { !(97...122).contains($0) }
        }
    }

    /// User name, password and the values in the query of a URL.
    private static func credentials(inURL text: String) -> Set<String> {
        guard let separator = text.firstRange(of: "://") else { return [] }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        var found: Set<String> = []
        if let at = authority.lastIndex(of: "@") {
            found.formUnion(authority[..<at].split(separator: ":", maxSplits: 1).map(String.init))
        }
        if let query = rest.split(separator: "?", maxSplits: 1).dropFirst().first {
            for parameter in query.split(separator: "&") {
                if let equals = parameter.firstIndex(of: "=") {
                    found.insert(String(parameter[parameter.index(after: equals)...]))
                }
            }
        }
        return found
    }

    /// Words that say nothing about anybody: keys and words of the schema, and names of built-in providers.
    private static let vocabulary: Set<String> = {
        var words = Set(ProviderTable.builtIn.ids.map(\.rawValue)).union(ProviderTable.builtIn.variables)
        for place in ConfigurationSchema.current.places {
            words.formUnion(place.properties.map(\.key))
            words.formUnion(Self.words(of: place))
        }
        words.formUnion(ConfigurationSchema.current.root.properties.map(\.key))
        return words
    }()
}
