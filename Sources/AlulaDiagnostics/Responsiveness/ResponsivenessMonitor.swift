package import AlulaPrimitives

/// What the samplers saw over one interval.
package struct ResponsivenessSample: Sendable, Hashable {
    package var interval: Duration
    /// Lateness of ticks on all event loops and the cooperative pool.
    package var lateness: LatenessHistogram
    /// The busiest event loop's share of the interval, 0 to 1.
    package var utilization: Double
    /// Processor time of the process over the interval, in cores.
    package var cpuCores: Double

    package init(interval: Duration, lateness: LatenessHistogram, utilization: Double, cpuCores: Double) {
        self.interval = interval
        self.lateness = lateness
        self.utilization = utilization
        self.cpuCores = cpuCores
    }
}

/// How well the process keeps time, judged over one interval.
package struct ResponsivenessReport: Sendable, Hashable {
    /// Why the process counts as degraded. Raw values are the protocol's.
    package enum Reason: String, CaseIterable, Sendable {
        case delay = "event_loop_delay"
        case utilization = "event_loop_utilization"
        case cpu
    }

    package var reasons: [Reason]
    package var interval: Duration
    package var delayP50: Duration
    package var delayP99: Duration
    package var delayMaximum: Duration
    package var utilization: Double
    package var cpuCores: Double
    /// Since when it has been degraded without a break.
    package var degradedSince: Timestamp?

    package var isDegraded: Bool { !reasons.isEmpty }

    /// Judges one sample by the protocol's thresholds.
    package init(_ sample: ResponsivenessSample, degradedSince: Timestamp? = nil) {
        interval = sample.interval
        delayP50 = sample.lateness.percentile(0.5)
        delayP99 = sample.lateness.percentile(0.99)
        delayMaximum = sample.lateness.maximum
        utilization = sample.utilization
        cpuCores = sample.cpuCores
        reasons = Self.reasons(sample)
        self.degradedSince = degradedSince
    }

    /// The reasons for which a process with this sample counts as degraded. A long delay counts in any interval.
    ///
    /// - Parameter needsEvidence: Whether load alone is no trouble: it then counts over a whole second only, with some
    ///   delay beside it.
    package static func reasons(_ sample: ResponsivenessSample, needsEvidence: Bool = true) -> [Reason] {
        let late = max(sample.lateness.percentile(0.99), sample.lateness.maximum)
        var reasons: [Reason] = []
        if late >= .seconds(1) { reasons.append(.delay) }
        let hasEvidence = sample.interval >= ResponsivenessMonitor.minimumInterval && late >= .milliseconds(25)
        guard hasEvidence || !needsEvidence else { return reasons }
        if sample.utilization >= 0.95 { reasons.append(.utilization) }
        if sample.cpuCores >= 0.9 { reasons.append(.cpu) }
        return reasons
    }
}

/// Turns what the samplers gather into reports, asked for whenever somebody wants one.
///
/// Pure: times and samples come in. Within a second the last report is given again, and the evidence goes on gathering,
/// unless a long delay is among it.
package struct ResponsivenessMonitor: Sendable {
    /// The shortest interval that is judged.
    package static let minimumInterval = Duration.seconds(1)

    private var last: ResponsivenessReport?
    private var isStopped = false

    package init() {}

    /// - Parameters:
    ///   - elapsed: Time since the samplers were last reset.
    ///   - now: For how long a bad state has lasted.
    ///   - sample: Reads the samplers; called only when it is needed.
    /// - Returns: The report to show, and whether the samplers start anew; `nil` before the first interval is over.
    package mutating func report(
        after elapsed: Duration, at now: Timestamp, lateness: LatenessHistogram,
        sample: () -> ResponsivenessSample
    ) -> (report: ResponsivenessReport?, startsAnew: Bool) {
        guard !isStopped else { return (nil, false) }
        let isLong = lateness.maximum >= .seconds(1)
        guard elapsed >= Self.minimumInterval || isLong else { return (last, false) }
        let fresh = sample()
        let since = last?.degradedSince
        var report = ResponsivenessReport(fresh)
        report.degradedSince = report.isDegraded ? since ?? now : nil
        last = report
        return (report, true)
    }

    /// After this there is nothing to report.
    package mutating func stop() {
        isStopped = true
        last = nil
    }
}
