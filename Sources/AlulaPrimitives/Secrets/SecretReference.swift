/// A pointer to a secret that is kept elsewhere: an environment variable, a file, or a helper program's answer.
package struct SecretReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Where a referenced secret is kept. Raw values are the file format's.
    package enum Source: String, CaseIterable, Sendable {
        case environment = "env"
        case file
        case helper = "exec"
        /// The later versions' own secret store, which this gateway reports and can't read.
        case store
    }

    /// The alias that stands when a reference names none and the configuration sets none.
    package static let standardProvider = "default"

    package let source: Source
    /// Alias of an entry under `secrets.providers`.
    package let provider: String
    /// Variable name, JSON pointer or helper id, depending on ``source``.
    package let id: String

    package init(source: Source, provider: String, id: String) {
        self.source = source
        self.provider = provider
        self.id = id
    }

    /// For people: `ref(env:NAME)`. It holds no secret.
    package var description: String { "ref(\(source.rawValue):\(id))" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.source.rawValue, left.provider, left.id) < (right.source.rawValue, right.provider, right.id)
    }
}
