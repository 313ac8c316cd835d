import AlulaJSON
import AlulaProtocol

/// What the commands that change the configuration share: one merge patch, made from what is there.
struct ConfigurationChange {
    /// Nothing else is written over: who changed something meanwhile is asked for again.
    private static let attempts = 3

    let session: CommandSession

    /// Puts `value` at `path`, or takes out what is there when it is `nil`.
    ///
    /// - Returns: Whether something was there before.
    func change(_ path: ConfigurationPath, to value: JSONValue?) async throws -> Bool {
        for attempt in 1... {
            let current = try await session.ask("config.get")
            let parsed = current["resolved"] ?? [:]
            let existing = parsed.value(at: path)
            if value == nil, existing == nil { return false }
            let (patch, lists) = try Self.patch(path, to: value, in: parsed)
            var parameters = JSONObject()
            parameters["raw"] = .string(patch.text())
            parameters["baseHash"] = current["hash"]
            if let lists { parameters["replacePaths"] = [.string("\(lists)")] }
            do {
                _ = try await session.ask("config.patch", .object(parameters))
                return existing != nil
            } catch let error as CommandError
                where error.detailCode == GatewayError.staleConfiguration.detailCode && attempt < Self.attempts
            {
                continue
            }
        }
        return false
    }

    /// The merge patch for one place. A list on the way goes along as a whole, since a patch can't point into one.
    private static func patch(
        _ path: ConfigurationPath, to value: JSONValue?, in current: JSONValue
    ) throws -> (JSONValue, ConfigurationPath?) {
        var keys: [String] = []
        var node: JSONValue? = current
        for (depth, component) in path.components.enumerated() {
            if let elements = node?.array {
                let inner = Array(path.components[depth...])
                let list = try Self.list(elements, inner[...], value)
                let place = ConfigurationPath(Array(path.components[..<depth]))
                return (nested(.array(list), keys), place)
            }
            keys.append(component.key)
            node = node?[component.key]
        }
        let place = ConfigurationPath(path.components)
        guard let value else { return (nested(.null, keys), nil) }
        return (nested(replacing(node, by: value), keys), value.array == nil && value.object == nil ? nil : place)
    }

    /// As a patch that leaves nothing of `old` behind.
    private static func replacing(_ old: JSONValue?, by new: JSONValue) -> JSONValue {
        guard let before = old?.object, let after = new.object else { return new }
        var result = JSONObject()
        for (key, inner) in after { result[key] = replacing(before[key], by: inner) }
        for (key, _) in before where after[key] == nil { result[key] = .null }
        return .object(result)
    }

    private static func list(
        _ elements: [JSONValue], _ path: ArraySlice<ConfigurationPath.Component>, _ value: JSONValue?
    ) throws -> [JSONValue] {
        var elements = elements
        guard let index = path.first?.index, index <= elements.count, index < elements.count || value != nil else {
            throw CommandError(.notFound, "The list has \(elements.count) entries.")
        }
        let rest = path.dropFirst()
        let old = index < elements.count ? elements[index] : .object(JSONObject())
        var new = value
        if !rest.isEmpty {
            if let inner = old.array {
                new = .array(try list(inner, rest, value))
            } else {
                var members = old.object ?? JSONObject()
                let key = rest.first?.key ?? ""
                if rest.count == 1 {
                    members[key] = value
                } else {
                    let wrapped = try list([members[key] ?? [:]], [.index(0)] + rest.dropFirst(), value)
                    members[key] = wrapped.first
                }
                new = .object(members)
            }
        }
        if let new {
            if index < elements.count { elements[index] = new } else { elements.append(new) }
        } else {
            elements.remove(at: index)
        }
        return elements
    }

    private static func nested(_ value: JSONValue, _ keys: [String]) -> JSONValue {
        keys.reversed().reduce(value) { inner, key in .object(JSONObject([(key, inner)])) }
    }
}

extension ConfigurationPath {
    /// Reads a path that somebody typed.
    init(typed text: String) throws {
        do throws(JSONError) {
            try self.init(parsing: text)
        } catch {
            throw CommandError(.usage, "That is no path: \(error.message)", underlying: error)
        }
        guard !isRoot else { throw CommandError(.usage, "Name a place, such as gateway.port.") }
    }
}
