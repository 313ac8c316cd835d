package import AlulaAuth
package import AlulaJSON
import AlulaPrimitives

extension WarmStatus {
    /// How the preparing of provider auth stands: a part of `health` and `status`.
    ///
    /// - Parameter prepared: What is served; `nil` before the first snapshot.
    package func payload(prepared: PreparedAuth?) -> JSONValue {
        var object = JSONObject()
        object["state"] = runningSince == nil ? "idle" : "running"
        object["runningSince"] = runningSince?.json
        object["trigger"] = runningTrigger.map { .string($0.rawValue) }
        object["lastResult"] = lastResult?.payload
        object["nextRetryAt"] = nextRetryAt?.json
        object["failedAttempts"] = .number(failedAttempts)
        object["dirtySources"] = .number(dirtySources)
        object["generation"] = .number(Int64(clamping: prepared?.generation ?? generation))
        object["preparedAt"] = prepared?.preparedAt.json
        object["gatheredBy"] = prepared.map { .string($0.gathering.rawValue) }
        object["stale"] = .bool(prepared?.isStale ?? true || isServingStale)
        object["scopeMisses"] = .object(
            JSONObject(scopeMisses.sorted { $0.key < $1.key }.map { ($0.key, .number(Int64(clamping: $0.value))) }))
        return .object(object)
    }
}

extension WarmStatus.Result {
    package var payload: JSONValue {
        var object = JSONObject()
        object["outcome"] = .string(outcome.rawValue)
        object["trigger"] = .string(trigger.rawValue)
        object["endedAt"] = endedAt.json
        object["durationMs"] = .number(durationMilliseconds)
        object["gathering"] = .string(gathering.rawValue)
        object["errorCode"] = errorCode.map { .string($0) }
        object["message"] = message.map { .string($0) }
        object["eventLoopMaxMs"] = maximumLatenessMilliseconds.map { .number($0) }
        return .object(object)
    }
}
