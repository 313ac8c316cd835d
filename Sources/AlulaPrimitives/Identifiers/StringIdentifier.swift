/// A name from outside that has its own type, so that an agent can't be passed where a provider is wanted.
package protocol StringIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The canonical spelling.
    var rawValue: String { get }
    /// Brings any spelling into the canonical one.
    init(_ spelling: String)
}

extension StringIdentifier {
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { rawValue }
}
