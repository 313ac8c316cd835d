import AlulaJSON
import AlulaPrimitives

/// One sample for programs: the answers as the gateway gave them, and the rates beside them.
struct TopPayload {
    let history: TopHistory
    /// When the sample was taken, or tried to be.
    let at: Timestamp

    var value: JSONValue {
        var object = JSONObject()
        object["type"] = "sample"
        object["ts"] = .number(at.milliseconds)
        object["gateway"] = gateway
        // What is known from before is not repeated: a program has it, and must not take it for new.
        guard history.trouble == nil, let sample = history.sample else { return .object(object) }
        object["providerAuth"] = sample.warm
        object["eventLoop"] = sample.loops
        object["configReload"] = sample.configuration
        object["lateness"] = history.lateness.map {
            ["worstMs": .number($0.milliseconds), "isAtLeast": .bool($0.isAtLeast)]
        }
        object["providers"] = sample.models?["auth"]?["providers"]
        object["clients"] = clients(sample)
        if sample.counters != nil { object["requests"] = .array(history.traffic.map(Self.row)) }
        object["refused"] = .object(
            JSONObject(sample.refusals.map { ($0.question, .string($0.reason)) }))
        return .object(object)
    }

    private var gateway: JSONValue {
        let sample = history.sample
        var object = JSONObject()
        object["reachable"] = .bool(history.trouble == nil && sample != nil)
        object["error"] = history.trouble.map { .string($0.reason) }
        object["url"] = sample.map { .string($0.url) }
        guard history.trouble == nil, let sample else { return .object(object) }
        object["version"] = sample.version.map { .string($0) }
        object["pid"] = sample.processID.map { .number(Int64($0)) }
        object["startedAt"] = sample.startedAt.map { .number($0.milliseconds) }
        object["residentBytes"] = Self.number(sample.counters?.residentBytes)
        object["openFiles"] = Self.number(sample.counters?.openFiles)
        object["maximumFiles"] = Self.number(sample.counters?.maximumFiles)
        object["processorShare"] = Self.number(history.processorShare)
        return .object(object)
    }

    private func clients(_ sample: TopSample) -> JSONValue {
        var object = JSONObject()
        object["admitted"] = Self.number(sample.counters?.admitted)
        object["waiting"] = Self.number(sample.counters?.waiting)
        object["silent"] = Self.number(sample.counters?.silent)
        object["present"] = sample.presence
        return .object(object)
    }

    private static func row(_ row: TopHistory.Traffic) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string(row.name)
        object["total"] = number(row.total)
        object["failed"] = number(row.failed)
        object["perSecond"] = number(row.rate)
        object["meanMs"] = number(row.meanMilliseconds)
        return .object(object)
    }

    /// JSON knows no infinity.
    private static func number(_ value: Double?) -> JSONValue? {
        value.flatMap { $0.isFinite ? .number($0) : nil }
    }
}
