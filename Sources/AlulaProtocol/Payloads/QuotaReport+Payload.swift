package import AlulaAuth
package import AlulaJSON
import AlulaPrimitives

extension QuotaReport {
    /// The result of `usage.status`.
    package var payload: JSONValue { ["updatedAt": at.json, "providers": .array(rows.map(\.payload))] }
}

extension QuotaReport.Row {
    var payload: JSONValue {
        var object = JSONObject([
            ("provider", .string(provider.rawValue)), ("displayName", .string(displayName)),
        ])
        switch answer {
        case .known(let quota): object.set(quota)
        case .failed(let reason):
            object["windows"] = []
            object["error"] = .string(reason)
        }
        return .object(object)
    }
}

extension ProviderQuota {
    /// What `models.authStatus` has of it.
    var payload: JSONValue {
        var object = JSONObject()
        object.set(self)
        return .object(object)
    }
}

extension JSONObject {
    fileprivate mutating func set(_ quota: ProviderQuota) {
        self["windows"] = .array(quota.windows.map(\.payload))
        self["summary"] = quota.summary.map { .string($0) }
        self["plan"] = quota.plan.map { .string($0) }
    }
}

extension ProviderQuota.Window {
    fileprivate var payload: JSONValue {
        var object = JSONObject([("label", .string(label)), ("usedPercent", .number(usedPercent))])
        object["resetAt"] = resetAt?.json
        return .object(object)
    }
}
