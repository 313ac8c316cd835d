/// What a model costs.
package struct ModelPrice: Hashable, Sendable {
    /// Prices in millionths of a US dollar for a million tokens, so in millionths of a millionth for one: whole numbers for
    /// whatever a price list says. `nil` means that nobody knows the price of that kind of token.
    package struct Rates: Hashable, Sendable {
        /// Of tokens that are read and neither come from a cache nor go into one.
        package var input: Int64?
        /// Of tokens that are written, thoughts included.
        package var output: Int64?
        package var cacheRead: Int64?
        package var cacheWrite: Int64?

        package static let free = Rates(dollarsForInput: 0, output: 0, cacheRead: 0, cacheWrite: 0)

        /// - Parameters: US dollars for a million tokens, as price lists have it. What is negative or absurd counts as
        ///   unknown.
        package init(
            dollarsForInput input: Double?, output: Double?, cacheRead: Double? = nil, cacheWrite: Double? = nil
        ) {
            self.input = Self.millionths(input)
            self.output = Self.millionths(output)
            self.cacheRead = Self.millionths(cacheRead)
            self.cacheWrite = Self.millionths(cacheWrite)
        }

        /// Whether everything that is known is free of charge.
        package var isFree: Bool { [input, output, cacheRead, cacheWrite].allSatisfy { $0 ?? 0 == 0 } }

        /// These, and those of `others` where these say nothing. Whoever says only that something is free means all of it.
        package func completed(by others: Rates?) -> Rates {
            let others = isFree ? .free : others
            var rates = self
            rates.input = input ?? others?.input
            rates.output = output ?? others?.output
            rates.cacheRead = cacheRead ?? others?.cacheRead
            rates.cacheWrite = cacheWrite ?? others?.cacheWrite
            return rates
        }

        private static let maximumDollars = 1_000_000.0

        private static func millionths(_ dollars: Double?) -> Int64? {
            guard let dollars, dollars >= 0, dollars <= maximumDollars else { return nil }
            return Int64((dollars * 1_000_000).rounded())
        }
    }

    /// Other prices for a whole request that reads a lot.
    package struct LongInput: Hashable, Sendable {
        /// Requests that read more tokens than this, cached ones included.
        package var above: Int
        package var rates: Rates

        package init(above: Int, rates: Rates) {
            self.above = above
            self.rates = rates
        }
    }

    package var rates: Rates
    package var longInput: LongInput?

    package init(_ rates: Rates, longInput: LongInput? = nil) {
        self.rates = rates
        self.longInput = longInput
    }

    /// What counts for a request that reads so many tokens, cached ones included.
    package func rates(forInput tokens: Int) -> Rates {
        if let longInput, tokens > longInput.above { longInput.rates } else { rates }
    }
}
