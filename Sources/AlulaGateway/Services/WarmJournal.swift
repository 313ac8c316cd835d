import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Logging
import Synchronization

/// Follows the warms: writes their log lines, measures them, keeps the snapshot on disk, and tells every client what
/// changed.
///
/// The parts it tells are introduced after the scheduler is made, since they need the scheduler themselves.
final class WarmJournal: WarmObserving {
    /// Who is told of what.
    struct Listeners: Sendable {
        var measureBegins: @Sendable () -> Void = {}
        /// The worst lateness since the beginning, in milliseconds.
        var measureEnds: @Sendable () -> Double? = { nil }
        var published: @Sendable (PreparedAuth, [AuthChange]) async -> Void = { _, _ in }
        var ended: @Sendable (WarmStatus.Result) -> Void = { _ in }
    }

    private struct State {
        var listeners = Listeners()
        var hasWarmed = false
        var lastFailure: String?
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func introduce(_ listeners: Listeners) { state.withLock { $0.listeners = listeners } }

    func warmStarted(_ start: WarmStateMachine.Start) async {
        listeners.measureBegins()
        logger.debug(
            "Warm started",
            metadata: [LogKey.generation: "\(start.generation)", LogKey.reason: "\(start.trigger.rawValue)"])
    }

    func warmEnding(_ start: WarmStateMachine.Start) async -> Double? { listeners.measureEnds() }

    func published(_ prepared: PreparedAuth, changes: [AuthChange]) async {
        await listeners.published(prepared, changes)
    }

    func warmEnded(_ result: WarmStatus.Result, generation: UInt64, status: WarmStatus) async {
        listeners.ended(result)
        let lateness = Self.milliseconds(result.maximumLatenessMilliseconds ?? 0)
        switch result.outcome {
        case .ok:
            let isFirst = state.withLock { state in
                defer {
                    state.hasWarmed = true
                    state.lastFailure = nil
                }
                return !state.hasWarmed
            }
            // Operators grep for these two lines.
            if isFirst {
                logger.info(
                    "provider auth state pre-warmed in \(result.durationMilliseconds)ms eventLoopMax=\(lateness)ms")
            } else if result.trigger != .windowEnd || result.durationMilliseconds > 100 {
                logger.info(
                    "provider auth state re-warmed (\(result.trigger.rawValue)) in \(result.durationMilliseconds)ms eventLoopMax=\(lateness)ms"
                )
            }
        case .failed, .timedOut:
            // On change only: a warm that goes on failing for one reason is told once.
            let isNews = state.withLock { state in
                defer { state.lastFailure = result.errorCode }
                return state.lastFailure != result.errorCode
            }
            guard isNews else { return }
            logger.warning(
                "provider auth state rewarm failed; the last answers stay in force",
                metadata: [
                    LogKey.errorCode: "\(result.errorCode ?? "unknown")", LogKey.errorCause: "\(result.message ?? "")",
                    LogKey.reason: "\(result.trigger.rawValue)",
                ])
        case .superseded:
            break
        }
    }

    private var listeners: Listeners { state.withLock { $0.listeners } }

    /// One decimal, as the line has always had.
    private static func milliseconds(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
