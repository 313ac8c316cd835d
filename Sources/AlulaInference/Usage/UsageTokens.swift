/// Tokens by kind, as they are counted and paid: no token is in two kinds, but for thoughts.
package struct UsageTokens: Hashable, Sendable {
    /// What a single request is believed at most, of each kind.
    package static let maximum: Int64 = 1 << 40

    /// What was read and neither came from a cache nor went into one.
    package var input: Int64
    /// All that was written, thoughts included.
    package var output: Int64
    package var cacheRead: Int64
    package var cacheWrite: Int64
    /// How much of ``output`` were thoughts.
    package var reasoning: Int64

    package init(
        input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite: Int64 = 0, reasoning: Int64 = 0
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.reasoning = reasoning
    }

    /// What a provider said about one answer. Numbers below zero count as zero, those above ``maximum`` as that.
    package init(_ usage: TokenUsage) {
        func believed(_ count: Int) -> Int64 { min(max(Int64(count), 0), Self.maximum) }
        cacheRead = believed(usage.cacheRead)
        cacheWrite = believed(usage.cacheWrite)
        input = max(0, believed(usage.input) - cacheRead - cacheWrite)
        output = believed(usage.output)
        reasoning = min(believed(usage.reasoning), output)
    }

    /// All that was read.
    package var read: Int64 { input.adding(cacheRead).adding(cacheWrite) }

    package var total: Int64 { read.adding(output) }

    package static func += (sum: inout Self, more: Self) {
        sum.input = sum.input.adding(more.input)
        sum.output = sum.output.adding(more.output)
        sum.cacheRead = sum.cacheRead.adding(more.cacheRead)
        sum.cacheWrite = sum.cacheWrite.adding(more.cacheWrite)
        sum.reasoning = sum.reasoning.adding(more.reasoning)
    }
}

extension Int64 {
    /// The sum, held within what 64 bits can count.
    func adding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
