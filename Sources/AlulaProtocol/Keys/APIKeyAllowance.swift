package import AlulaPrimitives

/// What a key has used of its limits.
///
/// A day's tokens are counted when an answer has ended. So the request that reaches the limit is answered to its end, and
/// so are those that were under way beside it.
package struct APIKeyAllowance: Sendable {
    /// Why a request has to wait.
    package enum Refusal: Hashable, Sendable {
        /// - Parameter after: Until one request is a minute old.
        case requests(limit: Int, after: Duration)
        /// - Parameter after: Until the next day begins.
        case tokens(limit: Int, after: Duration)
    }

    private static let minute = Duration.seconds(60)
    private static let dayLength: Int64 = 86_400_000

    /// When requests of the last minute came, oldest first from ``first`` on.
    private var requests: [ContinuousClock.Instant] = []
    private var first = 0
    /// The day that ``tokens`` belongs to.
    private var today: Range<Timestamp>?
    private var tokens = 0

    package init() {}

    /// Counts a request, unless it has to wait.
    ///
    /// - Parameters:
    ///   - instant: Now, for the minute; wall clocks jump.
    ///   - time: Now, for the day.
    package mutating func admit(
        _ limits: APIKeyLimits, at instant: ContinuousClock.Instant, on time: Timestamp
    ) -> Refusal? {
        if let limit = limits.tokensPerDay, spent(on: time) >= limit {
            return .tokens(limit: limit, after: Self.day(of: time).upperBound.duration(since: time))
        }
        guard let limit = limits.requestsPerMinute else { return nil }
        while first < requests.count, requests[first].duration(to: instant) >= Self.minute { first += 1 }
        if first > requests.count / 2 {
            requests.removeFirst(first)
            first = 0
        }
        if requests.count - first >= limit {
            // The limit may be a smaller one than when they came.
            let oldest = requests[requests.count - limit]
            return .requests(limit: limit, after: Self.minute - oldest.duration(to: instant))
        }
        requests.append(instant)
        return nil
    }

    /// Tokens of the day of `time`.
    package func spent(on time: Timestamp) -> Int { today?.contains(time) == true ? tokens : 0 }

    /// Counts tokens of an answer that ended at `time`.
    package mutating func spend(_ count: Int, at time: Timestamp) {
        let (sum, overflow) = spent(on: time).addingReportingOverflow(max(0, count))
        tokens = overflow ? .max : sum
        today = Self.day(of: time)
    }

    /// The day (UTC) that `time` belongs to.
    package static func day(of time: Timestamp) -> Range<Timestamp> {
        let start = time.milliseconds.flooredDivision(by: dayLength) * dayLength
        return Timestamp(milliseconds: start)..<Timestamp(milliseconds: start + dayLength)
    }
}

extension AnswerError {
    /// What the holder of a key is told who has to wait.
    package init(_ refusal: APIKeyAllowance.Refusal) {
        switch refusal {
        case .requests(let limit, let after):
            self.init(
                .rateLimited, "This API key may make \(limit) requests a minute; ask again later.", retryAfter: after)
        case .tokens(let limit, let after):
            self.init(
                .rateLimited, "This API key has used its \(limit) tokens of this day (UTC).", retryAfter: after)
        }
    }
}
