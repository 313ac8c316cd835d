package import AlulaPrimitives

/// Decides when a bad state is worth a log line: looked at every half minute, not in the first minute after start, and
/// at most one line every two minutes.
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

    private let startedAt: Timestamp
    private var lastLineAt: Timestamp?

    package init(startedAt: Timestamp) { self.startedAt = startedAt }

    /// The line for `report`, or `nil` when nothing is to be said now.
    package mutating func line(for report: ResponsivenessReport, work: Work, at now: Timestamp) -> Line? {
        guard report.isDegraded, now.duration(since: startedAt) >= Self.grace else { return nil }
        if let lastLineAt, now.duration(since: lastLineAt) < Self.pause { return nil }
        lastLineAt = now
        let isWarning =
            work.waiting + work.queued > 0 || (report.delayP99 >= .seconds(1) && work.isOpen)
        var text = "liveness warning: reasons=\(report.reasons.map(\.rawValue).joined(separator: ","))"
        text += " interval=\(report.interval.milliseconds / 1000)s"
        text += " eventLoopDelayP99Ms=\(report.delayP99.rounded(decimals: 1))"
        text += " eventLoopDelayMaxMs=\(report.delayMaximum.rounded(decimals: 1))"
        text += " eventLoopUtilization=\(report.utilization.rounded(decimals: 3))"
        text += " cpuCoreRatio=\(report.cpuCores.rounded(decimals: 3))"
        text += " active=\(work.active) waiting=\(work.waiting) queued=\(work.queued)"
        if !work.labels.isEmpty { text += " work=[\(work.labels.joined(separator: ","))]" }
        return Line(text: text, isWarning: isWarning)
    }
}

extension Duration {
    /// Milliseconds with so many decimals.
    package func rounded(decimals: Int) -> Double { (seconds * 1000).rounded(decimals: decimals) }
}

extension Double {
    package func rounded(decimals: Int) -> Double {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
