package import AlulaPrimitives

/// One time that a thread which may never block was held up, and by what.
package struct StallReport: Sendable, Hashable {
    /// What the system said that the thread was doing. Raw values appear in payloads and logs.
    package enum Activity: String, CaseIterable, Sendable {
        /// It ran, or waited for a free processor.
        case computing
        /// It slept: on a lock, a process, a socket or a timer.
        case waiting
        /// It waited for a disk and could not even be interrupted.
        case waitingForDisk = "waiting_for_disk"
    }

    /// Which thread: `event-loop-0`, `cooperative-pool`.
    package var thread: String
    /// The work that held it, by the name it was given; `nil` when it had none.
    package var work: String?
    /// The name that the system knows the thread by, such as `NIO-ELT-0-#1`; `nil` when it is not known.
    package var systemName: String?
    /// `nil` when it is not known.
    package var activity: Activity?
    /// How long the tick was overdue when the stall was noticed.
    package var overdue: Duration
    /// How late the tick came in the end; `nil` while the stall goes on.
    package var duration: Duration?
    /// When the stall was noticed.
    package var at: Timestamp

    package init(
        thread: String, work: String?, systemName: String? = nil, activity: Activity? = nil, overdue: Duration,
        duration: Duration? = nil, at: Timestamp
    ) {
        self.thread = thread
        self.work = work
        self.systemName = systemName
        self.activity = activity
        self.overdue = overdue
        self.duration = duration
        self.at = at
    }

    /// For one word in a line: `event-loop-0:load configuration:310ms`.
    package var summary: String {
        "\(thread):\(work ?? activity?.rawValue ?? "unnamed"):\((duration ?? overdue).milliseconds)ms"
    }
}

/// The last stalls, oldest first, at most ``maximum`` of them.
package struct StallLog: Sendable {
    package static let maximum = 32

    package private(set) var reports: [StallReport] = []
    /// All there ever were; a stall's number is how many there were with it.
    package private(set) var total: UInt64 = 0

    package init() {}

    /// Takes a new stall and returns its number.
    @discardableResult
    package mutating func append(_ report: StallReport) -> UInt64 {
        total += 1
        if reports.count == Self.maximum { reports.removeFirst() }
        reports.append(report)
        return total
    }

    /// Changes stall `number`, and returns it as it is then; `nil` when it is too old to be kept.
    @discardableResult
    package mutating func amend(_ number: UInt64, _ change: (inout StallReport) -> Void) -> StallReport? {
        guard number <= total, total - number < UInt64(reports.count) else { return nil }
        let index = reports.count - 1 - Int(total - number)
        change(&reports[index])
        return reports[index]
    }

    /// Those with higher numbers than `number`, as far as they are kept.
    package func reports(after number: UInt64) -> ArraySlice<StallReport> {
        reports.suffix(Int(clamping: total - min(number, total)))
    }
}
