package import AlulaPrimitives

/// Reads the sources of a plan. The worker's parent end conforms, and so does the fallback on the blocking pool.
package protocol FactGathering: Sendable {
    /// Reads every item of `plan`; a source that does not answer in time is reported as such and the rest is used.
    ///
    /// Cancelling the calling task stops the reading at once; a worker process is killed with everything it started.
    ///
    /// - Parameter deadline: When the whole gathering has to be over.
    /// - Throws: ``GatherError``, or `CancellationError`.
    func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts
}

/// The outcome of one gathering.
package struct GatheredFacts: Hashable, Sendable {
    package var readings: [SourceReading]
    package var gathering: PreparedAuth.Gathering
    /// Processor time the worker used, in milliseconds; `nil` when it was not measured apart.
    package var processorMilliseconds: Double?

    package init(
        readings: [SourceReading], gathering: PreparedAuth.Gathering, processorMilliseconds: Double? = nil
    ) {
        self.readings = readings
        self.gathering = gathering
        self.processorMilliseconds = processorMilliseconds
    }
}

/// Why a gathering as a whole failed.
package struct GatherError: Error {
    /// Raw values are stable: they appear on the wire, in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        case cannotStart = "worker_cannot_start"
        case deadlineExceeded = "worker_timed_out"
        case exited = "worker_exited"
        case silent = "worker_silent"
        case malformedAnswer = "worker_malformed_answer"
        case versionMismatch = "worker_version_mismatch"
        case saturated = "blocking_pool_saturated"
    }

    package let code: Code
    /// One sentence, without paths or secrets.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}
