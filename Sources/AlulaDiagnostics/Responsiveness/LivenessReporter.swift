import AlulaPrimitives

/// Decides when a bad state is worth a log line: looked at every half minute, not in the first minute after start, and
/// at most one line of each level every two minutes.
///
/// Pure: times are those since the start, and samples come in. Here load counts without any delay beside it.
package struct LivenessReporter: Sendable {
    package static let period = Duration.seconds(30)
    package static let grace = Duration.seconds(60)
    package static let pause = Duration.seconds(120)

    /// What was going on when the state was bad.
    package struct Work: Sendable, Hashable {
        package var active: Int
        package var waiting: Int
        package var queued: Int
        /// Names of the work under way, such as `load configuration`.
        package var labels: [String]

        package init(active: Int = 0, waiting: Int = 0, queued: Int = 0, labels: [String] = []) {
            self.active = active
            self.waiting = waiting
            self.queued = queued
            self.labels = labels
        }

        package var isOpen: Bool { active + waiting + queued > 0 }
    }

    /// A line to write.
    package struct Line: Sendable, Hashable {
        package var text: String
        /// Whether an operator should see it; otherwise it is for debugging.
        package var isWarning: Bool
    }

    private var lastWarningAt: Duration?
    private var lastLineAt: Duration?

    package init() {}

    /// The line for `sample`, or `nil` when nothing is to be said now.
    ///
    /// - Parameters:
    ///   - stalls: Those of the sample's interval. They name what held a thread up, which ``Work/labels`` can't: that
    ///     work runs when the line is written.
    ///   - uptime: Time since the start, by a clock that is never set.
    package mutating func line(
        for sample: ResponsivenessSample, work: Work, stalls: some Collection<StallReport> = [],
        uptime: Duration
    ) -> Line? {
        let reasons = ResponsivenessReport.reasons(sample, needsEvidence: false)
        guard !reasons.isEmpty, uptime >= Self.grace else { return nil }
        let report = ResponsivenessReport(sample)
        let isWarning = work.waiting + work.queued > 0 || (report.delayP99 >= .seconds(1) && work.isOpen)
        // A line for debugging does not keep a warning back.
        if let last = isWarning ? lastWarningAt : lastLineAt, uptime - last < Self.pause { return nil }
        lastLineAt = uptime
        if isWarning { lastWarningAt = uptime }
        var text = "liveness warning: reasons=\(reasons.map(\.rawValue).joined(separator: ","))"
        text += " interval=\(report.interval.milliseconds / 1000)s"
        text += " eventLoopDelayP99Ms=\(report.delayP99.rounded(decimals: 1))"
        text += " eventLoopDelayMaxMs=\(report.delayMaximum.rounded(decimals: 1))"
        text += " eventLoopUtilization=\(report.utilization.rounded(decimals: 3))"
        text += " cpuCoreRatio=\(report.cpuCores.rounded(decimals: 3))"
        text += " active=\(work.active) waiting=\(work.waiting) queued=\(work.queued)"
        if !work.labels.isEmpty { text += " work=[\(work.labels.joined(separator: ","))]" }
        if !stalls.isEmpty { text += " heldUp=[\(stalls.map(\.summary).joined(separator: ","))]" }
        return Line(text: text, isWarning: isWarning)
    }
}

extension Duration {
    /// Milliseconds with so many decimals.
    package func rounded(decimals: Int) -> Double { (seconds * 1000).rounded(decimals: decimals) }
}

extension Double {
    /// This number with so many decimals.
    package func rounded(decimals: Int) -> Double {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
