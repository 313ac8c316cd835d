import AlulaJSON

/// A merge patch laid over the configuration as it is written.
struct ConfigurationMerge {
    /// Lists that are replaced as a whole and may get shorter.
    let replacing: [ConfigurationPath]
    let restoration: MarkerRestoration

    /// The whole after `patch`.
    func merge(_ patch: JSONValue) throws(ConfigurationEditError) -> JSONValue {
        let (shown, resolved, written) = (restoration.shown, restoration.resolved, restoration.written)
        return try merge(patch, shown, resolved, written, at: .root) ?? .object(JSONObject())
    }

    private func merge(
        _ patch: JSONValue, _ shown: JSONValue?, _ resolved: JSONValue?, _ written: JSONValue?,
        at path: ConfigurationPath
    ) throws(ConfigurationEditError) -> JSONValue? {
        switch patch {
        case .null:
            return nil
        case .object(let members):
            var result = written?.object ?? JSONObject()
            result.removeAll { members[$0.key]?.isNull ?? false }
            for (key, inner) in members where !inner.isNull {
                result[key] = try merge(inner, shown?[key], resolved?[key], written?[key], at: path.appending(key))
            }
            return .object(result)
        case .array(let elements):
            return try merge(elements, patch, shown, resolved, written, at: path)
        case .bool, .number, .string:
            return try restored(patch, shown, resolved, written, at: path)
        }
    }

    private func merge(
        _ elements: [JSONValue], _ patch: JSONValue, _ shown: JSONValue?, _ resolved: JSONValue?,
        _ written: JSONValue?, at path: ConfigurationPath
    ) throws(ConfigurationEditError) -> JSONValue {
        let isReplaced = replacing.contains { path.isWithin($0) }
        guard let old = written?.array, !isReplaced else {
            return try restored(patch, shown, resolved, written, at: path)
        }
        if !old.isEmpty, (old + elements).allSatisfy({ $0["id"]?.string != nil }) {
            var result = old
            for element in elements {
                guard let place = old.firstIndex(where: { $0["id"] == element["id"] }) else {
                    result.append(try restored(element, nil, nil, nil, at: path))
                    continue
                }
                result[place] =
                    try merge(
                        element, shown?.array?[place], resolved?.array?[place], old[place], at: path.appending(place))
                    ?? old[place]
            }
            return .array(result)
        }
        guard elements.count >= old.count else {
            throw ConfigurationEditError(
                .dropsEntries,
                "The list would lose \(old.count - elements.count) of its entries; name \(path) in replacePaths to allow that.",
                at: path)
        }
        return try restored(patch, shown, resolved, written, at: path)
    }

    private func restored(
        _ value: JSONValue, _ shown: JSONValue?, _ resolved: JSONValue?, _ written: JSONValue?,
        at path: ConfigurationPath
    ) throws(ConfigurationEditError) -> JSONValue {
        try MarkerRestoration.restore(value, shown, resolved, written, at: path)
    }
}

extension JSONValue {
    /// This value without what stands at a place.
    func removing(_ components: ArraySlice<ConfigurationPath.Component>) -> JSONValue {
        guard let first = components.first else { return .object(JSONObject()) }
        let rest = components.dropFirst()
        switch self {
        case .object(var members):
            guard let inner = members[first.key] else { return self }
            members[first.key] = rest.isEmpty ? nil : inner.removing(rest)
            return .object(members)
        case .array(var elements):
            guard let index = first.index, elements.indices.contains(index) else { return self }
            if rest.isEmpty {
                elements.remove(at: index)
            } else {
                elements[index] = elements[index].removing(rest)
            }
            return .array(elements)
        default: return self
        }
    }

    /// This value with `value` at a place; objects that are missing on the way are made.
    func setting(
        _ value: JSONValue, at components: ArraySlice<ConfigurationPath.Component>, path: ConfigurationPath
    ) throws(ConfigurationEditError) -> JSONValue {
        guard let first = components.first else { return value }
        let rest = components.dropFirst()
        switch self {
        case .object(var members):
            let inner = members[first.key] ?? .object(JSONObject())
            members[first.key] = try inner.setting(value, at: rest, path: path)
            return .object(members)
        case .array(var elements):
            guard let index = first.index, index <= elements.count else {
                throw ConfigurationEditError(.noSuchPlace, "The list has \(elements.count) entries.", at: path)
            }
            if index == elements.count { elements.append(.object(JSONObject())) }
            elements[index] = try elements[index].setting(value, at: rest, path: path)
            return .array(elements)
        case .null, .bool, .number, .string:
            throw ConfigurationEditError(
                .noSuchPlace, "There is a \(kindName) on the way, so nothing can stand below it.", at: path)
        }
    }
}
