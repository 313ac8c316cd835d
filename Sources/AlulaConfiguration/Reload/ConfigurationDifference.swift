package import AlulaJSON

/// The places at which two resolved configurations differ.
package enum ConfigurationDifference {
    /// Compares two documents.
    ///
    /// - Returns: The deepest places that say it all, in order. Objects are compared member by member, lists of the same
    ///   length element by element; a list that grew or shrank counts as a whole. An entry that came or went, such as
    ///   an agent or a provider, is one place.
    package static func paths(from old: JSONValue, to new: JSONValue) -> [ConfigurationPath] {
        var walk = Walk()
        walk.compare(old, new)
        return walk.changed.sorted()
    }

    /// Maps of entries that come and go as a whole.
    private static let entryMaps: [[String]] = [
        ["agents", "entries"], ["agents", "list"], ["auth", "order"], ["auth", "profiles"], ["channels"],
        ["models", "providers"], ["secrets", "providers"],
    ]

    private struct Walk {
        var path: [ConfigurationPath.Component] = []
        var changed: [ConfigurationPath] = []

        mutating func compare(_ old: JSONValue, _ new: JSONValue) {
            switch (old, new) {
            case (.object(let old), .object(let new)):
                for (key, value) in old {
                    descend(.key(key)) { walk in
                        if let other = new[key] { walk.compare(value, other) } else { walk.note(value) }
                    }
                }
                for (key, value) in new where old[key] == nil {
                    descend(.key(key)) { $0.note(value) }
                }
            case (.array(let old), .array(let new)) where old.count == new.count:
                for (index, (left, right)) in zip(old, new).enumerated() {
                    descend(.index(index)) { $0.compare(left, right) }
                }
            default:
                if old != new { changed.append(ConfigurationPath(path)) }
            }
        }

        /// Notes a value that came or went.
        private mutating func note(_ value: JSONValue) {
            guard let members = value.object, !members.isEmpty, !isEntry else {
                changed.append(ConfigurationPath(path))
                return
            }
            for (key, value) in members { descend(.key(key)) { $0.note(value) } }
        }

        private var isEntry: Bool {
            entryMaps.contains { map in
                map.count + 1 == path.count && zip(map, path).allSatisfy { $0 == $1.key }
            }
        }

        private mutating func descend(_ component: ConfigurationPath.Component, _ body: (inout Walk) -> Void) {
            path.append(component)
            body(&self)
            path.removeLast()
        }
    }
}
