package import AlulaPrimitives

/// The warm's state as seen from outside.
package struct WarmStatus: Hashable, Sendable {
    /// Why a warm was asked for. Raw values appear in log lines and on the wire.
    package enum Trigger: String, CaseIterable, Sendable {
        case start
        case reload
        case login
        case logout
        case profileFailure = "auth-profile-failure"
        /// A call went well with a profile that something was held against.
        case profileRecovery = "auth-profile-recovery"
        case fileChange = "file-change"
        case windowEnd = "window-end"
        case secrets
        case request
        case retry
    }

    /// How the last finished warm ended. Raw values are stable.
    package enum Outcome: String, CaseIterable, Sendable {
        case ok
        case failed
        case timedOut = "timed_out"
        case superseded
    }

    /// The last warm that ended.
    package struct Result: Hashable, Sendable {
        package var outcome: Outcome
        package var trigger: Trigger
        package var endedAt: Timestamp
        package var durationMilliseconds: Int64
        package var gathering: PreparedAuth.Gathering
        /// The error's code for a failed warm.
        package var errorCode: String?
        /// One sentence about the error, without paths or secrets.
        package var message: String?
        /// The worst lateness of any event loop while the warm ran, in milliseconds, when it was measured.
        package var maximumLatenessMilliseconds: Double?

        package init(
            outcome: Outcome, trigger: Trigger, endedAt: Timestamp, durationMilliseconds: Int64,
            gathering: PreparedAuth.Gathering, errorCode: String? = nil, message: String? = nil,
            maximumLatenessMilliseconds: Double? = nil
        ) {
            self.outcome = outcome
            self.trigger = trigger
            self.endedAt = endedAt
            self.durationMilliseconds = durationMilliseconds
            self.gathering = gathering
            self.errorCode = errorCode
            self.message = message
            self.maximumLatenessMilliseconds = maximumLatenessMilliseconds
        }
    }

    package var generation: UInt64
    /// `nil` while idle.
    package var runningSince: Timestamp?
    package var runningTrigger: Trigger?
    package var lastResult: Result?
    /// When a failed warm is tried again; `nil` when none is due.
    package var nextRetryAt: Timestamp?
    /// Failed attempts since the last good one.
    package var failedAttempts: Int
    /// Sources waiting to be read again.
    package var dirtySources: Int
    /// Whether the answers being served come from an earlier run or from facts that are known to be old.
    package var isServingStale: Bool
    /// Answers computed for callers outside the prepared scope, by the field that did not match.
    package var scopeMisses: [String: UInt64]

    package init(
        generation: UInt64 = 0, runningSince: Timestamp? = nil, runningTrigger: Trigger? = nil,
        lastResult: Result? = nil, nextRetryAt: Timestamp? = nil, failedAttempts: Int = 0, dirtySources: Int = 0,
        isServingStale: Bool = false, scopeMisses: [String: UInt64] = [:]
    ) {
        self.generation = generation
        self.runningSince = runningSince
        self.runningTrigger = runningTrigger
        self.lastResult = lastResult
        self.nextRetryAt = nextRetryAt
        self.failedAttempts = failedAttempts
        self.dirtySources = dirtySources
        self.isServingStale = isServingStale
        self.scopeMisses = scopeMisses
    }
}
