package import AlulaAuth
package import AlulaJSON
package import AlulaPrimitives

/// The event that tells every client which answers about providers are others now.
package enum AuthChangedEvent {
    package static let name = "models.auth.changed"
    /// A burst that touches thousands of agents is cut here; clients then ask again. `truncated` says so.
    package static let maximumChanges = 500

    package static func payload(
        _ changes: [AuthChange], generation: UInt64, at now: Timestamp
    ) -> JSONValue {
        var object = JSONObject()
        object["ts"] = now.json
        object["generation"] = .number(Int64(clamping: generation))
        object["changes"] = .array(changes.prefix(maximumChanges).map(\.payload))
        object["truncated"] = changes.count > maximumChanges ? true : nil
        return .object(object)
    }
}

extension AuthChange {
    package var payload: JSONValue {
        var object = JSONObject()
        object["agentId"] = .string(agent.rawValue)
        var evidence: String?
        if case .available(let found) = availability { evidence = found.label }
        object["provider"] = .string(provider.rawValue)
        object.set(ProviderAnswer(provider: provider, availability: availability, evidence: evidence))
        return .object(object)
    }
}
