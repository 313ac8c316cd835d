package import AlulaPrimitives

/// One time that a thread which may never block was held up, and by what.
package struct StallReport: Sendable, Hashable {
    /// Which thread: `event-loop-0`, `cooperative-pool`.
    package var thread: String
    /// The work that held it, by the name it was given; `nil` when it had none.
    package var work: String?
    /// How long the tick was overdue when this was written; the stall may have gone on.
    package var overdue: Duration
    package var at: Timestamp

    package init(thread: String, work: String?, overdue: Duration, at: Timestamp) {
        self.thread = thread
        self.work = work
        self.overdue = overdue
        self.at = at
    }
}

/// The last stalls, oldest first, at most ``maximum`` of them.
package struct StallLog: Sendable {
    package static let maximum = 32

    package private(set) var reports: [StallReport] = []
    /// All there ever were.
    package private(set) var total: UInt64 = 0

    package init() {}

    package mutating func append(_ report: StallReport) {
        total += 1
        if reports.count == Self.maximum { reports.removeFirst() }
        reports.append(report)
    }
}
