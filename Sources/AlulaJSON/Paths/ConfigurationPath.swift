/// The place of a value below a root: keys and array indices from the outside in.
///
/// Spelled `agents.list[0].model`; keys with dots, brackets, quotes or white space go in brackets and double quotes,
/// `models.providers["a.b"]`.
package struct ConfigurationPath: Hashable, Sendable {
    /// One step downwards.
    package enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)

        /// The key this step means in an object.
        package var key: String {
            switch self {
            case .key(let key): key
            case .index(let index): String(index)
            }
        }

        /// The index this step means in an array; `nil` for a key that is no whole number.
        package var index: Int? {
            switch self {
            case .key(let key): key.utf8.allSatisfy(\.isDigit) ? Int(key) : nil
            case .index(let index): index
            }
        }
    }

    /// Longest spelling that is read, in bytes.
    package static let maximumLength = 4096
    /// The place of the root itself, spelled as the empty text.
    package static let root = ConfigurationPath([])

    /// The steps, from the outside in.
    package var components: [Component]

    /// A path of these steps.
    package init(_ components: [Component]) { self.components = components }

    /// A path of keys alone.
    package init(keys: String...) { components = keys.map { .key($0) } }

    /// This path with one more key.
    package func appending(_ key: String) -> ConfigurationPath { ConfigurationPath(components + [.key(key)]) }
    /// This path with one more index.
    package func appending(_ index: Int) -> ConfigurationPath { ConfigurationPath(components + [.index(index)]) }

    /// Whether this path is `other` or lies below it.
    package func isWithin(_ other: ConfigurationPath) -> Bool {
        components.count >= other.components.count && zip(components, other.components).allSatisfy { $0.key == $1.key }
    }

    /// Whether this is the place of the root itself.
    package var isRoot: Bool { components.isEmpty }
}

extension ConfigurationPath: CustomStringConvertible {
    package var description: String {
        var text = ""
        for component in components {
            switch component {
            case .index(let index):
                text += "[\(index)]"
            case .key(let key) where Self.isPlain(key):
                text += text.isEmpty ? key : "." + key
            case .key(let key):
                text += "[" + JSONValue.string(key).text() + "]"
            }
        }
        return text
    }

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty
            && key.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case ".", "[", "]", "\"", "'", "\\", "\u{0}"..." ", "\u{7F}"..."\u{A0}": false
                default: !scalar.properties.isWhitespace
                }
            }
    }
}

extension ConfigurationPath: Comparable {
    /// Indices by number, keys by text, a path before what lies below it.
    package static func < (left: Self, right: Self) -> Bool {
        for (mine, theirs) in zip(left.components, right.components) where mine != theirs {
            if case .index(let mine) = mine, case .index(let theirs) = theirs { return mine < theirs }
            return mine.key < theirs.key
        }
        return left.components.count < right.components.count
    }
}

extension ConfigurationPath: ExpressibleByStringLiteral {
    /// For paths in code; a spelling that can't be read counts as one key.
    package init(stringLiteral value: String) {
        do { self = try ConfigurationPath(parsing: value) } catch { self.init(keys: value) }
    }
}

extension JSONValue {
    /// What stands at `path` below this value, or `nil`.
    package func value(at path: ConfigurationPath) -> JSONValue? {
        var value = self
        for component in path.components {
            let next: JSONValue? =
                switch value {
                case .array(let elements):
                    component.index.flatMap { elements.indices.contains($0) ? elements[$0] : nil }
                case .object(let object): object[component.key]
                default: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
