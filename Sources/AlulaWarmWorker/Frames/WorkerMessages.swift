package import AlulaAuth
package import AlulaJSON
import AlulaPrimitives

/// The version of everything that is said over the pipe.
let workerSchema = 1

/// The child's first word: who it is and what it speaks.
package struct WorkerHello: Hashable {
    static let kind = "alula-warm-worker"

    let pid: Int

    package var frame: JSONValue { .fields(("schema", workerSchema), ("kind", Self.kind), ("pid", pid)) }

    init(pid: Int) { self.pid = pid }

    package init(frame: JSONValue) throws(WarmWorkerError) {
        // The schema is looked at before the rest, which another schema may have changed.
        try checkSchema(frame)
        guard frame["kind"]?.string == Self.kind else {
            throw WarmWorkerError(.wrongKind, "The program is no warm worker.")
        }
        var fields = try FactFields(frame)
        _ = try fields.take("schema", as: Int.self)
        _ = try fields.take("kind", as: String.self)
        pid = try fields.take("pid")
        try fields.finish()
    }
}

/// The parent's only word.
package struct WorkerRequest: Hashable {
    /// Counts the requests of one parent; the answer repeats it.
    let generation: Int64
    let plan: GatherPlan

    package var frame: JSONValue { .fields(("schema", workerSchema), ("generation", generation), ("plan", plan)) }

    init(generation: Int64, plan: GatherPlan) {
        self.generation = generation
        self.plan = plan
    }

    package init(frame: JSONValue) throws(WarmWorkerError) {
        try checkSchema(frame)
        var fields = try FactFields(frame)
        _ = try fields.take("schema", as: Int.self)
        generation = try fields.take("generation")
        plan = try fields.take("plan")
        try fields.finish()
    }
}

/// The child's last word.
package struct WorkerDone: FactCodable, Hashable {
    let generation: Int64
    /// Readings in all frames together.
    let count: Int
    /// Processor time of the child, in milliseconds.
    let cpuMs: Double

    package var factJSON: JSONValue {
        .fields(("done", true), ("generation", generation), ("count", count), ("cpuMs", cpuMs))
    }

    init(generation: Int64, count: Int, cpuMs: Double) {
        self.generation = generation
        self.count = count
        self.cpuMs = cpuMs
    }

    package init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        let isDone = try fields.take("done", as: Bool.self)
        generation = try fields.take("generation")
        count = try fields.take("count")
        cpuMs = try fields.take("cpuMs")
        try fields.finish()
        guard isDone, cpuMs >= 0 else { throw WarmWorkerError(.invalidValue, "The last frame contradicts itself.") }
    }
}

/// What the child says between its first word and its end.
package enum WorkerAnswer {
    case readings([SourceReading])
    case done(WorkerDone)

    package init(frame: JSONValue) throws(WarmWorkerError) {
        if frame["done"] != nil {
            self = .done(try WorkerDone(factJSON: frame))
            return
        }
        var fields = try FactFields(frame)
        self = .readings(try fields.take("readings"))
        try fields.finish()
    }

    /// The content of a frame with these readings, each encoded already.
    static func readingsFrame(_ readings: some Collection<[UInt8]>) -> [UInt8] {
        var content = Array(#"{"readings":["#.utf8)
        content.reserveCapacity(readings.reduce(content.count + 2) { $0 + $1.count + 1 })
        var isFirst = true
        for reading in readings {
            if !isFirst { content.append(UInt8(ascii: ",")) }
            isFirst = false
            content += reading
        }
        return content + Array("]}".utf8)
    }
}

/// Parses a frame's content.
package func parseFrame(_ content: ArraySlice<UInt8>) throws(WarmWorkerError) -> JSONValue {
    do throws(JSONError) {
        return try JSONValue.parse(content)
    } catch {
        throw WarmWorkerError(.malformedJSON, "A frame holds no JSON.")
    }
}

private func checkSchema(_ frame: JSONValue) throws(WarmWorkerError) {
    guard let schema = frame["schema"]?.integer else {
        throw WarmWorkerError(.missingField, "The first frame states no schema.")
    }
    guard schema == Int64(workerSchema) else {
        throw WarmWorkerError(.unsupportedSchema, "The other end speaks another version.")
    }
}
