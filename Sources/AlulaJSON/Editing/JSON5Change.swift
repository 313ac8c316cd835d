/// What becomes of one place of a document, and of what lies below it.
indirect enum JSON5Change {
    /// This value stands there. What it has in common with the one that did stays as it is.
    case set(JSONValue)
    /// This value stands there, and in an array the element that did comes after it.
    case insert(JSONValue)
    case remove
    /// A merge patch (RFC 7396): objects merge, `null` removes, everything else replaces.
    case merge(JSONValue)
    /// Changes below, in the order in which what is new is put in. What is missing on the way is made.
    case below([(step: ConfigurationPath.Component, change: JSON5Change)])

    /// Changes of single places, none of which lies in another; `nil` takes out what is there. Elements of one array are
    /// not taken out and put in together: their places would no longer be those that are meant.
    init(_ edits: [(path: ConfigurationPath, value: JSONValue?)]) {
        self.init(edits.map { ($0.path.components[...], $0.value) })
    }

    /// One change at `path`.
    init(_ change: JSON5Change, at path: ConfigurationPath) {
        self = path.components.reversed().reduce(change) { inner, step in .below([(step, inner)]) }
    }

    private init(_ edits: [(path: ArraySlice<ConfigurationPath.Component>, value: JSONValue?)]) {
        var order: [ConfigurationPath.Component] = []
        var groups:
            [ConfigurationPath.Component: [(path: ArraySlice<ConfigurationPath.Component>, value: JSONValue?)]] =
                [:]
        for (path, value) in edits {
            guard let step = path.first else {
                self = value.map { .set($0) } ?? .remove
                return
            }
            if groups[step] == nil { order.append(step) }
            groups[step, default: []].append((path.dropFirst(), value))
        }
        self = .below(order.map { ($0, JSON5Change(groups[$0] ?? [])) })
    }

    /// What is put where nothing stands yet; `nil` for nothing.
    var fresh: JSONValue? {
        switch self {
        case .set(let value), .insert(let value): return value
        case .remove: return nil
        case .merge(let patch): return patch.isNull ? nil : patch.withoutNulls
        case .below(let changes):
            let members = changes.compactMap { step, change in change.fresh.map { (step.key, $0) } }
            return members.isEmpty ? nil : .object(JSONObject(members))
        }
    }
}

extension JSONValue {
    /// A merge patch laid over nothing.
    fileprivate var withoutNulls: JSONValue {
        guard let object else { return self }
        return .object(JSONObject(object.filter { !$0.value.isNull }.map { ($0.key, $0.value.withoutNulls) }))
    }
}
