package import AlulaJSON

extension ConfigurationSchema {
    /// What a change at some place leads to. Raw values are the protocol's.
    package enum ReloadKind: String, CaseIterable, Sendable {
        /// It counts after a restart.
        case restart
        /// It counts at once.
        case hot
        /// Nothing here depends on it.
        case none
    }

    /// What is known of a path, such as `gateway.port`, `models.providers.*`, `agents.list[0].model` or
    /// `agents.list[]`; the empty path is the whole document.
    ///
    /// - Returns: `nil` when the path can't be read, or nothing is known of it.
    package func place(_ path: String) -> Place? {
        do throws(JSONError) {
            let steps = try ConfigurationPath(parsing: path.replacing("[]", with: "[*]"))
            return steps.components.reduce(root as Place?) { place, step in
                guard let place, place.hasChildren else { return nil }
                let isList = place.kinds.contains(.list) && !place.kinds.contains(.map)
                return !isList || step.index != nil || step.key == SchemaDraft.wildcard ? place[step.key] : nil
            }
        } catch {
            return nil
        }
    }

    /// The answer of `config.schema.lookup`, or `nil` when nothing is known of `path`.
    package func lookup(_ path: String) -> JSONValue? {
        guard let place = place(path) else { return nil }
        var answer = JSONObject([("path", .string(path)), ("schema", place.schema(isDeep: false))])
        if !place.path.isRoot {
            answer["hint"] = place.hint(order: nil)
            answer["hintPath"] = .string(place.name)
            answer["reloadKind"] = .string(place.reloadKind.rawValue)
        }
        var children: [JSONValue] = []
        if place.hasChildren {
            children = place.properties.map { Self.child($0.key, $0.place, below: path) }
            if let item = place.item { children.append(Self.child(SchemaDraft.wildcard, item, below: path)) }
        }
        answer["children"] = .array(children)
        return .object(answer)
    }

    private static func child(_ key: String, _ place: Place, below parent: String) -> JSONValue {
        var child = JSONObject()
        child["key"] = .string(key)
        child["path"] = .string(parent.isEmpty ? key : parent + "." + key)
        child["type"] = place.typeName.map { .string($0) }
        child["required"] = .bool(place.isRequired)
        child["hasChildren"] = .bool(place.hasChildren)
        child["hint"] = place.hint(order: nil)
        child["hintPath"] = .string(place.name)
        return .object(child)
    }
}

extension ConfigurationSchema.Place {
    /// What a change here leads to.
    package var reloadKind: ConfigurationSchema.ReloadKind {
        let effects = ReloadRule.effects(of: path)
        return effects.contains(.gatewayRestart) ? .restart : effects.isEmpty ? .none : .hot
    }

    /// JSON Schema's name of the type; `nil` where there are several, or any.
    var typeName: String? {
        let names = Set(
            kinds.map { kind -> String? in
                switch kind {
                case .text, .secretText, .choice: "string"
                case .flag: "boolean"
                case .integer: "integer"
                case .number: "number"
                case .texts, .list: "array"
                case .object, .map: "object"
                case .secret, .textOrOff, .anything: nil
                }
            })
        return names.count == 1 ? names.first ?? nil : nil
    }
}
