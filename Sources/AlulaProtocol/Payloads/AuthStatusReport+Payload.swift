package import AlulaAuth
package import AlulaJSON
import AlulaPrimitives

extension AuthStatusReport {
    /// The result of `models.authStatus`. Keys are named one by one, so that nothing else can slip in.
    package var payload: JSONValue {
        ["ts": at.json, "agentId": .string("\(agent)"), "providers": .array(providers.map(\.payload))]
    }
}

extension AuthStatusReport.Provider {
    package var payload: JSONValue {
        var object = JSONObject()
        object["provider"] = .string(id.rawValue)
        object["displayName"] = .string(displayName)
        object["status"] = .string(status.rawValue)
        object["expiry"] = expiry?.payload
        object["profiles"] = .array(profiles.map(\.payload))
        object["profileOrder"] = order.map(\.rawValue).json
        object["apiKey"] = keySource
        object["usage"] = quota?.payload
        object.set(answer)
        return .object(object)
    }

    /// Where a key that is no stored login would be taken from.
    private var keySource: JSONValue? {
        guard case .available(let evidence) = answer.availability else { return nil }
        switch evidence.source {
        case .environment(let variable): return ["source": "env", "envVar": .string(variable)]
        case .configuration: return ["source": "config"]
        case .profile, .login, .googleCredentials, .aws, .localServer, .builtIn: return nil
        }
    }
}

extension AuthStatusReport.Profile {
    package var payload: JSONValue {
        var object = JSONObject()
        object["profileId"] = .string(id.rawValue)
        object["type"] = .string(kind.rawValue)
        object["status"] = .string(status.rawValue)
        object["reasonCode"] = ineligibility.map { .string($0.rawValue) }
        object["expiry"] = expiry?.payload
        object["source"] = .string(source)
        object["displayName"] = displayName.map { .string($0) }
        object["email"] = email.map { .string($0) }
        object["lastUsedAt"] = lastUsed?.json
        object["cooldown"] = window?.payload
        object["refreshError"] = renewalTrouble?.payload
        return .object(object)
    }
}

extension RenewalTrouble {
    /// An addition to the protocol: why a login could not be renewed, and when it is tried again.
    package var payload: JSONValue {
        var object = JSONObject()
        object["code"] = .string(failure.code.rawValue)
        object["message"] = .string(failure.message)
        object["until"] = until?.json
        return .object(object)
    }
}

extension CredentialExpiry {
    /// All three keys or none.
    package var payload: JSONValue {
        ["at": at.json, "remainingMs": remaining.json, "label": .string(label)]
    }
}

extension UsageWindow {
    package var payload: JSONValue {
        var object = JSONObject()
        object["kind"] = .string(kind.rawValue)
        object["reason"] = .string(reason.rawValue)
        object["until"] = until.json
        object["model"] = model.map { .string($0.rawValue) }
        return .object(object)
    }
}
