package import AlulaJSON

/// The resolved configuration as it may be shown: every secret is replaced, and texts that variables were put into
/// appear as they were written.
package struct ConfigurationView: Sendable {
    /// What stands in the place of a secret. It is OpenClaw's word, so that its tools know it when it is written back.
    package static let placeholder = "__OPENCLAW_REDACTED__"

    /// Everything that may be shown.
    package let value: JSONValue

    /// Hides what is secret in `root`.
    init(_ root: ConfigurationNode) {
        var redaction = Redaction()
        value = redaction.redact(root, .open)
    }

    /// What may be shown at `path`, or `nil` when nothing is there.
    package func value(at path: ConfigurationPath) -> JSONValue? { value.value(at: path) }
}

/// Walks one tree.
private struct Redaction {
    private var path: [ConfigurationPath.Component] = []

    mutating func redact(_ node: ConfigurationNode, _ sensitivity: SecretPlaces.Sensitivity) -> JSONValue {
        switch node.kind {
        case .null, .bool:
            return node.value
        case .number:
            if case .everything = sensitivity { return .string(ConfigurationView.placeholder) }
            return node.value
        case .string(let text, let authored):
            return .string(shown(text, authored: authored, sensitivity))
        case .array(let elements):
            return .array(
                elements.enumerated().map { index, element in
                    path.append(.index(index))
                    defer { path.removeLast() }
                    return redact(element, sensitivity)
                })
        case .object(let members):
            // A reference says where a secret is and holds none.
            if !isOpen(sensitivity), SecretReferenceText.looksLikeReference(members) { return node.value }
            var object = JSONObject()
            for member in members.all {
                let inner = isOpen(sensitivity) ? sensitivityBelow(member) : sensitivity
                path.append(.key(member.key))
                defer { path.removeLast() }
                object[member.key] = redact(member.node, inner)
            }
            return .object(object)
        }
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
