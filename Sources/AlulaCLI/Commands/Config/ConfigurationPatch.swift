import AlulaJSON

/// The merge patch between two configurations. Lists go along as a whole, since a patch can't point into one.
struct ConfigurationPatch {
    private(set) var value: JSONValue
    /// The lists that the patch replaces, which the gateway has to be told.
    private(set) var lists: [ConfigurationPath] = []

    init(from old: JSONValue, to new: JSONValue) {
        value = [:]
        value = difference(old, new, .root) ?? [:]
    }

    private mutating func difference(_ old: JSONValue?, _ new: JSONValue, _ path: ConfigurationPath) -> JSONValue? {
        if let old, old.isEquivalent(to: new) { return nil }
        if new.array != nil { lists.append(path) }
        guard let before = old?.object, let after = new.object else { return new }
        var result = JSONObject()
        for (key, inner) in after {
            if let part = difference(before[key], inner, path.appending(key)) { result[key] = part }
        }
        for (key, _) in before where after[key] == nil { result[key] = .null }
        return .object(result)
    }
}

/// Keeps the maps whose entries people gather over time from being replaced by a shorter one in passing.
enum ConfigurationGuard {
    private static let maps: [ConfigurationPath] = [
        "agents.defaults.models", "agents.entries", "models.providers", "plugins.entries", "auth.profiles",
    ]

    /// Refuses a change that loses entries; the error names some.
    static func check(from old: JSONValue, to new: JSONValue) throws {
        for map in maps { try check(map, old.value(at: map)?.keys ?? [], new.value(at: map)?.keys ?? []) }
        for provider in old.value(at: "models.providers")?.keys ?? [] {
            let list = ConfigurationPath(keys: "models", "providers", provider, "models")
            try check(list, old.value(at: list)?.ids ?? [], new.value(at: list)?.ids ?? [])
        }
    }

    private static func check(_ place: ConfigurationPath, _ old: [String], _ new: [String]) throws {
        let lost = old.filter { !new.contains($0) }
        guard !lost.isEmpty else { return }
        let names = lost.prefix(5).joined(separator: ", ") + (lost.count > 5 ? ", …" : "")
        throw CommandError(
            .requestRefused,
            "\(place) would lose \(names). Add to it with --merge, or say --replace if that is meant.",
            detailCode: "drops_entries")
    }
}

extension JSONValue {
    fileprivate var keys: [String] { object?.keys ?? [] }
    fileprivate var ids: [String] { array?.compactMap { $0["id"]?.string } ?? [] }

    /// This value with another one at a place, or with what is there taken out; what is missing on the way is made.
    func setting(_ value: JSONValue?, at path: ArraySlice<ConfigurationPath.Component>) throws -> JSONValue? {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        switch self {
        case .object(var members):
            members[step.key] = try Self.inner(members[step.key], before: rest).setting(value, at: rest)
            return .object(members)
        case .array(var elements):
            guard let index = step.index, index <= elements.count, index < elements.count || value != nil else {
                throw CommandError(.notFound, "The list has \(elements.count) entries.")
            }
            let old = index < elements.count ? elements[index] : nil
            let new = try Self.inner(old, before: rest).setting(value, at: rest)
            if let new, index < elements.count {
                elements[index] = new
            } else if let new {
                elements.append(new)
            } else {
                elements.remove(at: index)
            }
            return .array(elements)
        case .null, .bool, .number, .string:
            throw CommandError(
                .requestRefused, "There is a single value on the way, so nothing can stand below it.",
                detailCode: "no_such_place")
        }
    }

    /// What the next step goes into: a list where an index follows.
    private static func inner(_ old: JSONValue?, before rest: ArraySlice<ConfigurationPath.Component>) -> JSONValue {
        if let old { return old }
        if case .index = rest.first { return .array([]) }
        return .object(JSONObject())
    }

    /// This value as a merge patch over `old`: objects member by member, lists of entries with `id` by it.
    func laid(over old: JSONValue?) throws -> JSONValue {
        guard object != nil || array != nil else {
            throw CommandError(.usage, "--merge takes an object or a list.")
        }
        return merged(over: old)
    }

    private func merged(over old: JSONValue?) -> JSONValue {
        switch self {
        case .object(let members):
            var result = old?.object ?? JSONObject()
            for (key, inner) in members { result[key] = inner.isNull ? nil : inner.merged(over: result[key]) }
            return .object(result)
        case .array(let elements):
            guard var result = old?.array, (result + elements).allSatisfy({ $0["id"]?.string != nil }) else {
                return self
            }
            for element in elements {
                if let place = result.firstIndex(where: { $0["id"] == element["id"] }) {
                    result[place] = element.merged(over: result[place])
                } else {
                    result.append(element)
                }
            }
            return .array(result)
        case .null, .bool, .number, .string: return self
        }
    }
}
