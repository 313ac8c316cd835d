import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension ProfileUsage {
    private static let blockedReasons: Set<String> = ["subscription_limit"]
    private static let blockedSources: Set<String> = ["codex_rate_limits", "wham"]
    /// More failures than this are the same as this many.
    private static let maximumCount = 1_000_000

    /// Reads one entry of `usageStats`; fields that make no sense count as absent.
    init(stored object: JSONObject) {
        self.init(
            lastUsed: Self.instant(object["lastUsed"]), cooldownUntil: Self.instant(object["cooldownUntil"]),
            cooldownReason: Self.reason(object["cooldownReason"]), cooldownModel: Self.model(object["cooldownModel"]),
            disabledUntil: Self.instant(object["disabledUntil"]),
            disabledReason: Self.reason(object["disabledReason"]),
            blockedUntil: Self.instant(object["blockedUntil"]),
            blockedReason: object["blockedReason"]?.string.flatMap { Self.blockedReasons.contains($0) ? $0 : nil },
            blockedSource: object["blockedSource"]?.string.flatMap { Self.blockedSources.contains($0) ? $0 : nil },
            blockedModel: Self.model(object["blockedModel"]), errorCount: Self.count(object["errorCount"]) ?? 0,
            failureCounts: [:], lastFailureAt: Self.instant(object["lastFailureAt"]))
        for (key, value) in object["failureCounts"]?.object ?? JSONObject() {
            guard let reason = FailureReason(rawValue: key), let count = Self.count(value) else { continue }
            failureCounts[reason] = count
        }
    }

    /// Writes this usage into an entry; members that are not known here stay as they are.
    func store(in object: inout JSONObject) {
        func set(_ key: String, _ value: JSONValue?) { object[key] = value }
        func instant(_ value: Timestamp?) -> JSONValue? { value.map { .number($0.milliseconds) } }
        func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }
        set("lastUsed", instant(lastUsed))
        set("cooldownUntil", instant(cooldownUntil))
        set("cooldownReason", text(cooldownReason?.rawValue))
        set("cooldownModel", text(cooldownModel?.rawValue))
        set("disabledUntil", instant(disabledUntil))
        set("disabledReason", text(disabledReason?.rawValue))
        set("blockedUntil", instant(blockedUntil))
        set("blockedReason", text(blockedReason))
        set("blockedSource", text(blockedSource))
        set("blockedModel", text(blockedModel?.rawValue))
        // A counter of zero is written only where one stood before, as the reference does on success.
        set("errorCount", errorCount > 0 || object["errorCount"] != nil ? .number(errorCount) : nil)
        set("failureCounts", counts(beside: object["failureCounts"]?.object))
        set("lastFailureAt", instant(lastFailureAt))
    }

    private func counts(beside old: JSONObject?) -> JSONValue? {
        guard !failureCounts.isEmpty else { return nil }
        var counts = old ?? JSONObject()
        for reason in FailureReason.allCases {
            counts[reason.rawValue] = failureCounts[reason].map { JSONValue.number($0) }
        }
        return .object(counts)
    }

    private static func instant(_ value: JSONValue?) -> Timestamp? {
        value?.double.flatMap(Timestamp.init(validating:))
    }

    private static func reason(_ value: JSONValue?) -> FailureReason? {
        value?.string.flatMap(FailureReason.init(rawValue:))
    }

    private static func model(_ value: JSONValue?) -> ModelID? {
        guard let text = value?.string, !text.trimmed().isEmpty else { return nil }
        return ModelID(text)
    }

    /// A positive whole number; fractions are cut off.
    private static func count(_ value: JSONValue?) -> Int? {
        guard let number = value?.double, number.isFinite, number >= 1 else { return nil }
        return Int(min(number, Double(maximumCount)))
    }
}
