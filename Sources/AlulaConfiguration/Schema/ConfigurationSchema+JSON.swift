package import AlulaJSON

extension ConfigurationSchema {
    /// As JSON Schema, draft 7, which is what clients of the protocol read.
    package var document: JSONValue {
        var schema = root.schema(isDeep: true).object ?? JSONObject()
        schema["title"] = "Configuration"
        return .object(
            JSONObject([("$schema", .string("http://json-schema.org/draft-07/schema#"))] + schema.map { ($0, $1) }))
    }

    /// How a form shows each place, by the places' names.
    package var hints: JSONValue {
        .object(JSONObject(places.enumerated().map { ($1.name, $1.hint(order: $0)) }))
    }
}

extension ConfigurationSchema.Place {
    /// This place as JSON Schema.
    ///
    /// - Parameter isDeep: Whether what lies below comes along. Without it only the names of what has to be there do.
    func schema(isDeep: Bool) -> JSONValue {
        let forms = self.forms(isDeep: isDeep)
        var schema = forms.count == 1 ? forms[0].object ?? JSONObject() : JSONObject()
        if forms.count > 1 { schema["anyOf"] = .array(forms) }
        if !path.isRoot {
            let title = SettingTitle.title(of: self)
            schema["title"] = .string(title.label)
            schema["description"] = .string(title.help)
        }
        schema["default"] = standard
        return .object(schema)
    }

    /// One schema for each way to write the value.
    private func forms(isDeep: Bool) -> [JSONValue] {
        var forms: [JSONValue] = []
        let isObject = kinds.contains(.object) || kinds.contains(.map)
        for kind in kinds {
            switch kind {
            case .text, .secretText: forms.append(["type": "string"])
            case .textOrOff: forms += [["type": "string"], ["const": false]]
            case .flag: forms.append(["type": "boolean"])
            case .integer(let range): forms.append(Self.integer(range))
            case .number(let range):
                forms.append([
                    "type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
                ])
            case .choice(let words):
                forms.append(["type": "string", "enum": .array(words.map { .string($0) })])
            case .secret: forms += [["type": "string"], object(isDeep: true)]
            case .texts: forms.append(["type": "array", "items": ["type": "string"]])
            case .list: forms.append(list(isDeep: isDeep))
            case .object, .map, .anything: break
            }
        }
        // Known keys and chosen ones can stand in the same object.
        if isObject { forms.append(object(isDeep: isDeep)) }
        return forms
    }

    private static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        let lower = JSONValue.number(range.lowerBound)
        guard range.upperBound < .max else { return ["type": "integer", "minimum": lower] }
        return ["type": "integer", "minimum": lower, "maximum": .number(range.upperBound)]
    }

    private func list(isDeep: Bool) -> JSONValue {
        guard isDeep, let item else { return ["type": "array"] }
        return ["type": "array", "items": item.schema(isDeep: true)]
    }

    private func object(isDeep: Bool) -> JSONValue {
        var schema = JSONObject()
        schema["type"] = "object"
        if isDeep, !properties.isEmpty {
            schema["properties"] = .object(
                JSONObject(properties.map { ($0.key, $0.place.schema(isDeep: true)) }))
        }
        let required = properties.filter(\.place.isRequired).map { JSONValue.string($0.key) }
        if !required.isEmpty { schema["required"] = .array(required) }
        // Keys that nobody knows are kept, so the schema allows them.
        schema["additionalProperties"] =
            isClosed ? false : isDeep && kinds.contains(.map) ? item?.schema(isDeep: true) ?? true : true
        return .object(schema)
    }

    /// How a form shows this place.
    ///
    /// - Parameter order: Its turn among all; `nil` leaves it out.
    func hint(order: Int?) -> JSONValue {
        let title = SettingTitle.title(of: self)
        var hint = JSONObject()
        hint["label"] = .string(title.label)
        hint["help"] = .string(title.help)
        if let section = path.components.first?.key {
            hint["group"] = .string(SettingTitle.table[section]?.label ?? SettingTitle.spaced(section))
        }
        hint["order"] = order.map { .number($0) }
        if title.isAdvanced { hint["advanced"] = true }
        if isSecret { hint["sensitive"] = true }
        let tags = (isSecret ? ["security"] : []) + (title.isAdvanced ? ["advanced"] : []) + (isKept ? ["kept"] : [])
        if !tags.isEmpty { hint["tags"] = .array(tags.map { .string($0) }) }
        return .object(hint)
    }
}
