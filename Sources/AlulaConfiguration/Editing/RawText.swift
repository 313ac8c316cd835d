import AlulaJSON

/// The main file as text without its secrets, and back.
enum RawText {
    /// `document` with markers in the place of secrets, in values as in comments.
    ///
    /// - Parameter known: Secrets from elsewhere that may be repeated in it.
    static func redacted(_ document: JSON5Document, known: KnownSecrets) -> String {
        let view = view(of: document, known)
        let shown = view.value
        do throws(JSONError) {
            var result = try document.setting(shown, at: .root)
            // What an earlier of two equal keys holds is not part of the value, but of the text.
            guard !repeatsKey(document.root) else { return shown.text(.pretty) + "\n" }
            var replaced: [(Range<Int>, [UInt8])] = []
            for range in result.commentRanges {
                let comment = result.source(range)
                let clean = withoutSecrets(comment, known: view.hiddenTexts)
                if clean != comment { replaced.append((range, Array(clean.utf8))) }
            }
            result = try result.replacing(replaced)
            return String(decoding: result.bytes, as: UTF8.self)
        } catch {
            return shown.text(.pretty) + "\n"
        }
    }

    /// `document` with what its markers stand for in `current`, which was shown with the same `known` secrets.
    static func restored(
        _ document: JSON5Document, from current: JSON5Document?, known: KnownSecrets
    ) throws(ConfigurationEditError) -> JSON5Document {
        let known = current.map { view(of: $0, known).hiddenTexts } ?? known
        var replaced: [(Range<Int>, [UInt8])] = []
        var failed: ConfigurationPath?
        walk(document.root, .root) { node, path in
            guard case .string(let text) = node.kind, text.contains(ConfigurationView.placeholder) else { return }
            guard let current, let old = counterpart(of: path, in: current, from: document),
                shown(old.value, at: path, known) == text
            else {
                failed = failed ?? path
                return
            }
            replaced.append((node.range, Array(current.bytes[old.range])))
        }
        if let failed {
            throw ConfigurationEditError(
                .unrestorable, "There is no secret here that the marker could stand for.", at: failed)
        }
        let comments = current.map { redactedComments($0, known) } ?? [:]
        for range in document.commentRanges {
            guard let original = comments[document.source(range)] else { continue }
            replaced.append((range, Array(original.utf8)))
        }
        do throws(JSONError) {
            return try document.replacing(replaced)
        } catch {
            throw ConfigurationEditError(.syntax, error.message)
        }
    }

    /// The places and values of all `$include`s.
    static func includes(of root: JSON5Node) -> [String] {
        var found: [String] = []
        walk(root, .root) { node, path in
            if let include = node.member(IncludeExpander.includeKey) {
                found.append("\(path) \(include.value.value.text())")
            }
        }
        return found
    }

    // MARK: Values

    private static func walk(
        _ node: JSON5Node, _ path: ConfigurationPath, _ visit: (JSON5Node, ConfigurationPath) -> Void
    ) {
        visit(node, path)
        for (index, element) in (node.elements ?? []).enumerated() { walk(element, path.appending(index), visit) }
        for member in node.members ?? [] { walk(member.value, path.appending(member.key), visit) }
    }

    /// The node that stood at `path`; an entry that moved is found by its id.
    private static func counterpart(
        of path: ConfigurationPath, in current: JSON5Document, from new: JSON5Document
    ) -> JSON5Node? {
        var (node, mine) = (current.root, new.root)
        for component in path.components {
            let step = ConfigurationPath([component])
            guard let next = mine.node(at: step) else { return nil }
            mine = next
            let id = mine.member("id")?.value.value
            let moved = id.flatMap { id in node.elements?.first { $0.member("id")?.value.value == id } }
            guard let found = moved ?? node.node(at: step) else { return nil }
            node = found
        }
        return node
    }

    /// How one value at `path` is shown, if as text.
    private static func shown(_ value: JSONValue, at path: ConfigurationPath, _ known: KnownSecrets) -> String? {
        let nested = JSONValue.nested(value, below: path.components[...])
        let view = ConfigurationView(ConfigurationNode(showing: nested), known: known).value
        return path.components.reduce(view as JSONValue?) { $0?[$1.key] }?.string
    }

    private static func view(of document: JSON5Document, _ known: KnownSecrets) -> ConfigurationView {
        ConfigurationView(ConfigurationNode(showing: document.root.value), known: known)
    }

    private static func repeatsKey(_ root: JSON5Node) -> Bool {
        var repeats = false
        walk(root, .root) { node, _ in
            if let members = node.members, Set(members.map(\.key)).count < members.count { repeats = true }
        }
        return repeats
    }

    // MARK: Comments

    private static func redactedComments(_ document: JSON5Document, _ known: KnownSecrets) -> [String: String] {
        var found: [String: String] = [:]
        for range in document.commentRanges {
            let comment = document.source(range)
            let clean = withoutSecrets(comment, known: known)
            if clean != comment { found[clean] = comment }
        }
        return found
    }

    /// A comment without secrets: what follows a name that sounds like one goes, up to the end of the line.
    private static func withoutSecrets(_ comment: String, known: KnownSecrets) -> String {
        let isBlock = comment.hasPrefix("/*")
        let lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if let start = secretStart(in: line) {
                let end = isBlock && line.hasSuffix("*/") ? " */" : ""
                return line[..<start] + ConfigurationView.placeholder + end
            }
            return known.hidden(in: String(line))
        }
        return lines.joined(separator: "\n")
    }

    /// The place behind `name:` or `name=` for a name that sounds like a secret.
    private static func secretStart(in line: Substring) -> Substring.Index? {
        var word: Substring.Index?
        for place in line.indices {
            let character = line[place]
            if character.isLetter || character.isNumber || "_-$".contains(character) {
                if word == nil { word = place }
                continue
            }
            if character == ":" || character == "=", let start = word {
                let name = line[start..<place].prefix { $0.isLetter || $0.isNumber || "_-$".contains($0) }
                if case .open = SecretPlaces.sensitivity(ofName: String(name), in: nil) {
                } else {
                    return line.index(after: place)
                }
            }
            if !"\"' \t".contains(character) { word = nil }
        }
        return nil
    }
}

extension JSONValue {
    /// `value` within objects that lead to it.
    fileprivate static func nested(
        _ value: JSONValue, below components: ArraySlice<ConfigurationPath.Component>
    ) -> JSONValue {
        components.reversed().reduce(value) { inner, step in .object(JSONObject([(step.key, inner)])) }
    }
}
