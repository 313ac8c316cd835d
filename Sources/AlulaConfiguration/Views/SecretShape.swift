import AlulaJSON

/// The part of the schema that leads to secrets: where decoders read one, whatever its key is called.
final class SecretShape: Sendable {
    /// Whether a secret stands here.
    let isSecret: Bool
    /// What stands under known keys; `nil` where no secret does.
    private let known: [String: SecretShape?]
    /// What stands under other keys, and in a list.
    private let item: SecretShape?

    /// Of the configuration that this program reads.
    static let current = SecretShape(ConfigurationSchema.current.root)

    /// `nil` when no secret stands at `place` or below.
    init?(_ place: ConfigurationSchema.Place) {
        isSecret = place.isSecret
        guard place.hasChildren else {
            guard isSecret else { return nil }
            (known, item) = ([:], nil)
            return
        }
        let item = place.item.flatMap { SecretShape($0) }
        // Without secrets under other keys, only the keys that lead to one have to be told apart.
        known = Dictionary(
            place.properties.map { ($0.key, SecretShape($0.place)) }.filter { item != nil || $0.1 != nil },
            uniquingKeysWith: { first, _ in first })
        self.item = item
        if known.isEmpty, item == nil { return nil }
    }

    /// What stands one step below; `nil` where no secret does.
    subscript(step: ConfigurationPath.Component) -> SecretShape? {
        if case .key(let key) = step, let shape = known[key] { return shape }
        return item
    }

    /// Whether `path` lies at a secret, or in one.
    static func holdsSecret(_ path: [ConfigurationPath.Component]) -> Bool {
        var shape = current
        for step in path {
            if shape?.isSecret ?? true { break }
            shape = shape?[step]
        }
        return shape?.isSecret ?? false
    }
}
