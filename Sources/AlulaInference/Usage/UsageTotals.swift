/// What some requests came to together.
package struct UsageTotals: Hashable, Sendable {
    package var requests: Int64 = 0
    package var failed: Int64 = 0
    package var cancelled: Int64 = 0
    /// Requests of which the provider may have counted more than it had told.
    package var incomplete: Int64 = 0
    /// Requests whose cost is not known; their tokens are in ``tokens``, and ``cost`` is without them.
    package var withoutCost: Int64 = 0
    package var tokens = UsageTokens()
    package var cost = UsageCost()

    package init() {}

    package init(_ record: UsageRecord) {
        requests = 1
        switch record.outcome {
        case .completed: break
        case .failed: failed = 1
        case .cancelled: cancelled = 1
        }
        incomplete = record.isIncomplete ? 1 : 0
        withoutCost = record.cost == nil ? 1 : 0
        tokens = record.tokens
        cost = record.cost ?? UsageCost()
    }

    package static func += (sum: inout Self, more: Self) {
        sum.requests = sum.requests.adding(more.requests)
        sum.failed = sum.failed.adding(more.failed)
        sum.cancelled = sum.cancelled.adding(more.cancelled)
        sum.incomplete = sum.incomplete.adding(more.incomplete)
        sum.withoutCost = sum.withoutCost.adding(more.withoutCost)
        sum.tokens += more.tokens
        sum.cost += more.cost
    }
}
