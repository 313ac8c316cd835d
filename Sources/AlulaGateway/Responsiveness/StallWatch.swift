import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem
import Logging
import Synchronization

/// Notices a tick that is long overdue while it is, and names what holds the thread.
///
/// One thread of its own calls ``look(at:)``; ticks report to ``ended(_:of:)`` from wherever they run.
final class StallWatch: Sendable {
    private struct State {
        var log = StallLog()
        /// The numbers of stalls that go on, by lane.
        var open: [String: UInt64] = [:]
        /// Numbers of stalls that have ended and are not logged yet.
        var ended: [UInt64] = []
    }

    /// A tick so long overdue is a stall.
    static let threshold = Duration.milliseconds(100)
    /// The longest time between two looks.
    static let longestPause = Duration.milliseconds(250)

    private let lanes: [TickLane]
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(lanes: [TickLane], logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.lanes = lanes
        self.logger = logger
        self.now = now
    }

    /// The last stalls, oldest first.
    var log: StallLog { state.withLock { $0.log } }

    /// When a look can find something for the first time: just after a tick that is due now became a stall.
    func nextLook(after instant: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let dues = lanes.compactMap(\.nextDue)
        let latest = instant.advanced(by: Self.longestPause)
        let first = dues.min().map { $0.advanced(by: Self.threshold + .milliseconds(1)) } ?? latest
        // At least a moment: what is overdue already is found by the next look, however soon it comes.
        return min(max(first, instant.advanced(by: .milliseconds(1))), latest)
    }

    /// Looks at all lanes once, and logs stalls that are new or have ended. Blocks the calling thread.
    func look(at instant: ContinuousClock.Instant) {
        for lane in lanes { notice(lane, at: instant) }
        let ended = state.withLock { state in
            defer { state.ended = [] }
            return state.ended.compactMap { state.log.amend($0) { _ in } }
        }
        for report in ended { logger.notice("A thread goes on after it was held up", metadata: Self.metadata(report)) }
    }

    /// Records that the tick came, on the thread that was late.
    func ended(_ tick: TickLane.Tick, of lane: TickLane) {
        guard tick.wasNoticed || tick.lateness > Self.threshold else { return }
        let time = now()
        state.withLock { state in
            if let number = state.open.removeValue(forKey: lane.name) {
                state.log.amend(number) { $0.duration = tick.lateness }
                state.ended.append(number)
            } else {
                // Nobody looked in time, so what held the thread is not known any more.
                let report = StallReport(
                    thread: lane.name, work: nil, overdue: tick.lateness, duration: tick.lateness, at: time)
                state.ended.append(state.log.append(report))
            }
            if state.ended.count > StallLog.maximum { state.ended.removeFirst() }
        }
    }

    private func notice(_ lane: TickLane, at instant: ContinuousClock.Instant) {
        let time = now()
        // Told of and entered in one step, so that the tick finds the entry however soon it comes.
        let found = state.withLock { state -> (stall: TickLane.Stall, number: UInt64)? in
            guard let stall = lane.newStall(over: Self.threshold, at: instant) else { return nil }
            let number = state.log.append(
                StallReport(thread: lane.name, work: nil, overdue: stall.overdue, at: time))
            state.open[lane.name] = number
            return (stall, number)
        }
        guard let (stall, number) = found else { return }
        let culprit = Self.culprit(among: stall.threads)
        let report = state.withLock { state in
            state.log.amend(number) { report in
                // A thread that has come by meanwhile may be doing something else already.
                guard lane.isWaiting(for: stall.due) else { return }
                report.work = culprit.work
                report.systemName = culprit.sighting?.name
                report.activity = culprit.sighting?.activity
            }
        }
        if let report { logger.warning("A thread was held up", metadata: Self.metadata(report)) }
    }

    /// The thread among `threads` with the longest named work, or else the one that came by last.
    static func culprit(among threads: [Int64]) -> (work: String?, sighting: ThreadSighting?) {
        let longest = threads.compactMap { WorkRegister.current(of: $0) }.min { $0.since < $1.since }
        let thread = longest?.thread ?? threads.first
        return (longest.map { "\($0.label)" }, thread.flatMap(ThreadSighting.of))
    }

    private static func metadata(_ report: StallReport) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "thread": "\(report.thread)", "work": "\(report.work ?? "unnamed")",
            "overdue.ms": "\(report.overdue.milliseconds)",
        ]
        if let name = report.systemName { metadata["thread.systemName"] = "\(name)" }
        if let activity = report.activity { metadata["thread.activity"] = "\(activity.rawValue)" }
        if let duration = report.duration { metadata["duration.ms"] = "\(duration.milliseconds)" }
        return metadata
    }
}
