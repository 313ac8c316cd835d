package import AlulaJSON
import AlulaPrimitives

extension ResponsivenessReport {
    /// The member `eventLoop` of `health`, `status` and readiness.
    package var payload: JSONValue {
        var object = JSONObject()
        object["degraded"] = .bool(isDegraded)
        object["degradedSinceMs"] = degradedSince.map { .number($0.milliseconds) }
        object["reasons"] = .array(reasons.map { .string($0.rawValue) })
        object["intervalMs"] = .number(interval.milliseconds)
        object["delayP50Ms"] = .number(delayP50.rounded(decimals: 1))
        object["delayP99Ms"] = .number(delayP99.rounded(decimals: 1))
        object["delayMaxMs"] = .number(delayMaximum.rounded(decimals: 1))
        object["utilization"] = .number(utilization.rounded(decimals: 3))
        object["cpuCoreRatio"] = .number(cpuCores.rounded(decimals: 3))
        return .object(object)
    }
}

extension StallReport {
    /// The member `lastStall` of `eventLoop`.
    package var payload: JSONValue {
        var object = JSONObject()
        object["thread"] = .string(thread)
        object["work"] = work.map { .string($0) }
        object["systemName"] = systemName.map { .string($0) }
        object["activity"] = activity.map { .string($0.rawValue) }
        object["overdueMs"] = .number(overdue.milliseconds)
        object["durationMs"] = duration.map { .number($0.milliseconds) }
        object["at"] = .number(at.milliseconds)
        return .object(object)
    }
}
