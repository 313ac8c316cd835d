package import AlulaAuth
package import AlulaJSON
import AlulaPrimitives

extension ModelRow {
    /// An element of the result of `models.list`.
    package var payload: JSONValue {
        var object = JSONObject()
        object["id"] = .string(model.id.rawValue)
        object["name"] = .string(model.name)
        object["provider"] = .string(model.provider.rawValue)
        object["api"] = model.api.map { .string($0) }
        object["contextWindow"] = model.contextWindow.map { .number($0) }
        object["contextTokens"] = model.contextTokens.map { .number($0) }
        object["reasoning"] = model.isReasoning.map { .bool($0) }
        object["input"] = model.input.isEmpty ? nil : model.input.json
        object["alias"] = model.alias.map { .string($0) }
        object["tags"] = model.tags.isEmpty ? nil : model.tags.json
        object["local"] = model.isLocal ? true : nil
        object["missing"] = model.isMissing ? true : nil
        object["available"] = .bool(isAvailable)
        object["unavailableReason"] = unavailableReason.map { .string($0.rawValue) }
        object["unavailableUntil"] = unavailableUntil?.json
        return .object(object)
    }
}

/// The result of `models.list`.
package enum ModelListPayload {
    package static func result(_ rows: [ModelRow]) -> JSONValue { ["models": .array(rows.map(\.payload))] }
}
