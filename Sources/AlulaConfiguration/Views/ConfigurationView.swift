package import AlulaJSON
import AlulaPrimitives

/// The resolved configuration as it may be shown: every secret is replaced, and texts that variables were put into
/// appear as they were written.
package struct ConfigurationView: Sendable {
    /// What stands in the place of a secret. It is OpenClaw's word, so that its tools know it when it is written back.
    package static let placeholder = "__OPENCLAW_REDACTED__"

    /// The secrets that were replaced, for hiding them elsewhere.
    package let hiddenTexts: KnownSecrets
    /// Everything that may be shown.
    package let value: JSONValue

    /// Hides what is secret in `root`.
    ///
    /// - Parameters:
    ///   - shape: Where secrets stand by what they are read as; names count besides.
    ///   - known: Further secrets that may be repeated in it.
    init(_ root: ConfigurationNode, shape: SecretShape? = .current, known: KnownSecrets = .none) {
        var redaction = Redaction()
        let value = redaction.redact(root, .open, shape)
        hiddenTexts = KnownSecrets(redaction.hidden).union(known)
        guard !hiddenTexts.texts.isEmpty else {
            self.value = value
            return
        }
        var repeated = RepeatedSecrets(known: hiddenTexts)
        self.value = repeated.hidden(in: value)
    }

    /// What may be shown at `path`, or `nil` when nothing is there.
    package func value(at path: ConfigurationPath) -> JSONValue? { value.value(at: path) }
}

/// Walks one tree and hides what stands in the place of a secret.
private struct Redaction {
    /// The texts that were hidden.
    private(set) var hidden: Set<String> = []
    private var path: [ConfigurationPath.Component] = []

    mutating func redact(
        _ node: ConfigurationNode, _ named: SecretPlaces.Sensitivity, _ shape: SecretShape?
    ) -> JSONValue {
        let sensitivity = shape?.isSecret ?? false ? .everything : named
        switch node.kind {
        case .null, .bool:
            return node.value
        case .number(let number):
            guard case .everything = sensitivity else { return node.value }
            hidden.insert(number.text)
            return .string(ConfigurationView.placeholder)
        case .string(let text, let authored):
            let shown = shown(text, authored: authored, sensitivity)
            if shown != text, shown != authored { hidden.insert(text) }
            return .string(shown)
        case .array(let elements):
            return .array(
                elements.enumerated().map { index, element in
                    descend(.index(index)) { $0.redact(element, sensitivity, shape?[.index(index)]) }
                })
        case .object(let members):
            // A reference says where a secret is and holds none.
            if !isOpen(sensitivity), SecretReferenceText.isSound(members) { return node.value }
            if !isOpen(sensitivity), SecretReferenceText.looksLikeReference(members) {
                return brokenReference(members)
            }
            var object = JSONObject()
            for member in members.all {
                let inner = isOpen(sensitivity) ? sensitivityBelow(member) : sensitivity
                let step = ConfigurationPath.Component.key(member.key)
                object[member.key] = descend(step) { $0.redact(member.node, inner, shape?[step]) }
            }
            return .object(object)
        }
    }

    /// Where nothing can be found, the id may be anything, also the secret itself.
    private mutating func brokenReference(_ members: ConfigurationMembers) -> JSONValue {
        if let id = members["id"]?.node.string { hidden.insert(id) }
        let isKnown = members["source"]?.node.string.flatMap(SecretReference.Source.init(rawValue:)) != nil
        return .object(
            JSONObject(
                members.all.map { member in
                    let isShown = member.key == "source" && isKnown
                    return (member.key, isShown ? member.node.value : .string(ConfigurationView.placeholder))
                }))
    }

    private mutating func descend<Result>(
        _ step: ConfigurationPath.Component, _ body: (inout Redaction) -> Result
    ) -> Result {
        path.append(step)
        defer { path.removeLast() }
        return body(&self)
    }

    private func sensitivityBelow(_ member: ConfigurationMembers.Member) -> SecretPlaces.Sensitivity {
        // `secrets.defaults.env` is the name of a provider, and no map of variables.
        if member.node.string != nil, SecretPlaces.isContainer(member.key), path.count > 1 { return .open }
        return SecretPlaces.sensitivity(of: member.key, below: path[...])
    }

    private func isOpen(_ sensitivity: SecretPlaces.Sensitivity) -> Bool {
        if case .open = sensitivity { true } else { false }
    }

    private func shown(_ text: String, authored: String?, _ sensitivity: SecretPlaces.Sensitivity) -> String {
        guard isOpen(sensitivity) else {
            let isPointer = text.isEmpty || (authored == nil && SecretReferenceText.isWholeReference(text))
            return isPointer ? text : ConfigurationView.placeholder
        }
        return URLText.withoutCredentials(authored ?? text)
    }
}

/// Walks what may be shown and hides what repeats a secret from elsewhere.
private struct RepeatedSecrets {
    let known: KnownSecrets
    private var path: [String] = []

    init(known: KnownSecrets) { self.known = known }

    mutating func hidden(in value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number:
            return value
        case .string(let text):
            let clean = known.hidden(in: text)
            // A word out of a closed set gives nothing away, and a form without it could not be drawn.
            return clean == text || isWord(text) ? value : .string(clean)
        case .array(let elements):
            return .array(elements.map { descend(SchemaDraft.wildcard, $0) })
        case .object(let object):
            return .object(JSONObject(object.map { ($0, descend($0, $1)) }))
        }
    }

    private mutating func descend(_ key: String, _ value: JSONValue) -> JSONValue {
        path.append(key)
        defer { path.removeLast() }
        return hidden(in: value)
    }

    private func isWord(_ text: String) -> Bool {
        let place = path.reduce(ConfigurationSchema.current.root as ConfigurationSchema.Place?) { $0?[$1] }
        return place?.kinds.contains { kind in
            if case .choice(let words) = kind { words.contains(text) } else { false }
        } ?? false
    }
}

/// Hides what URLs carry: a user's name and password, and parameters that sound like secrets.
enum URLText {
    /// `text` as it may be shown.
    static func withoutCredentials(_ text: String) -> String {
        guard let start = authorityStart(in: text) else { return text }
        let rest = text[start...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var authority = String(rest[..<end])
        if let at = authority.lastIndex(of: "@") {
            authority = ConfigurationView.placeholder + authority[at...]
        }
        var tail = String(rest[end...])
        if let question = tail.firstIndex(of: "?") {
            let parameters = tail[tail.index(after: question)...].split(
                separator: "&", omittingEmptySubsequences: false)
            tail = tail[...question] + parameters.map(withoutValue).joined(separator: "&")
        }
        return text[..<start] + authority + tail
    }

    /// The place behind the first `://`.
    private static func authorityStart(in text: String) -> String.Index? {
        let bytes = text.utf8
        var place = bytes.startIndex
        while let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) {
            place = bytes.index(after: colon)
            if bytes[place...].starts(with: "//".utf8) { return bytes.index(place, offsetBy: 2) }
        }
        return nil
    }

    private static func withoutValue(_ parameter: Substring) -> String {
        guard let equals = parameter.firstIndex(of: "=") else { return String(parameter) }
        let name = String(parameter[..<equals])
        if name.lowercased() != "key", case .open = SecretPlaces.sensitivity(ofName: name, in: nil) {
            return String(parameter)
        }
        return name + "=" + ConfigurationView.placeholder
    }
}
