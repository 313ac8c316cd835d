package import AlulaModels

/// Money in billionths of a US dollar, by the kind of token that it was spent on. Sums are exact.
package struct UsageCost: Hashable, Sendable {
    /// What a single request is believed to cost at most, for each kind of token: 4,000 dollars.
    package static let maximum: Int64 = 4_000_000_000_000

    package var input: Int64
    package var output: Int64
    package var cacheRead: Int64
    package var cacheWrite: Int64

    package init(input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite: Int64 = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }

    package var total: Int64 { input.adding(output).adding(cacheRead).adding(cacheWrite) }

    package static func += (sum: inout Self, more: Self) {
        sum.input = sum.input.adding(more.input)
        sum.output = sum.output.adding(more.output)
        sum.cacheRead = sum.cacheRead.adding(more.cacheRead)
        sum.cacheWrite = sum.cacheWrite.adding(more.cacheWrite)
    }
}

extension ModelPrice {
    /// What one request costs, each kind of token rounded to the nearest billionth of a dollar.
    ///
    /// - Returns: `nil` when the price of a kind of token that was used is not known, or it comes to more than anybody pays
    ///   for a request: a price that is wrong is none.
    package func cost(of tokens: UsageTokens) -> UsageCost? {
        let rates = rates(forInput: Int(tokens.read))
        guard let input = Self.cost(tokens.input, rates.input), let output = Self.cost(tokens.output, rates.output),
            let cacheRead = Self.cost(tokens.cacheRead, rates.cacheRead),
            let cacheWrite = Self.cost(tokens.cacheWrite, rates.cacheWrite)
        else { return nil }
        return UsageCost(input: input, output: output, cacheRead: cacheRead, cacheWrite: cacheWrite)
    }

    private static func cost(_ tokens: Int64, _ rate: Int64?) -> Int64? {
        guard tokens > 0 else { return 0 }
        guard let rate else { return nil }
        // Millionths of millionths of a dollar.
        let (product, overflow) = tokens.multipliedReportingOverflow(by: rate)
        guard !overflow else { return nil }
        let cost = product / 1000 + (product % 1000 >= 500 ? 1 : 0)
        return cost <= UsageCost.maximum ? cost : nil
    }
}
