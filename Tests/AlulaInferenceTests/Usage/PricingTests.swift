import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaInference

/// What requests cost, to the billionth of a dollar.
struct PricingTests {
    private static func price(
        _ input: Double?, _ output: Double?, read: Double? = nil, write: Double? = nil
    ) -> ModelPrice {
        ModelPrice(.init(dollarsForInput: input, output: output, cacheRead: read, cacheWrite: write))
    }

    @Test func eachKindOfTokenHasItsPrice() {
        let tokens = UsageTokens(input: 1_000, output: 200, cacheRead: 3_000, cacheWrite: 400)
        let cost = Self.price(3, 15, read: 0.3, write: 3.75).cost(of: tokens)
        #expect(cost == UsageCost(input: 3_000_000, output: 3_000_000, cacheRead: 900_000, cacheWrite: 1_500_000))
        #expect(cost?.total == 8_400_000)
    }

    /// A tenth of a cent for a million tokens is a tenth of a billionth for one.
    @Test(arguments: [(1, 0), (4, 0), (5, 1), (14, 1), (15, 2), (10_000_000, 1_000_000)] as [(Int64, Int64)])
    func smallPricesAreRoundedOnceForARequest(_ tokens: Int64, _ billionths: Int64) {
        #expect(Self.price(0.0001, 0).cost(of: UsageTokens(input: tokens))?.input == billionths)
    }

    @Test func whatHasNoPriceHasNoCost() {
        let price = Self.price(1, 2)
        #expect(price.cost(of: UsageTokens(input: 10, output: 10)) == UsageCost(input: 10_000, output: 20_000))
        #expect(price.cost(of: UsageTokens(input: 10, cacheRead: 1)) == nil)
        #expect(price.cost(of: UsageTokens(input: 10, cacheWrite: 1)) == nil)
        #expect(Self.price(nil, 2).cost(of: UsageTokens(input: 1)) == nil)
        #expect(Self.price(nil, nil).cost(of: UsageTokens()) == UsageCost())
    }

    @Test func pricesOfNobodyAreNone() {
        for dollars in [-1, .infinity, .nan, 1_000_001] as [Double] {
            #expect(Self.price(dollars, 1).rates.input == nil, "\(dollars)")
        }
        // The dearest that is believed, and so many tokens that no account would pay for them.
        let dearest = Self.price(1_000_000, 1_000_000)
        #expect(dearest.cost(of: UsageTokens(input: 4_000))?.input == UsageCost.maximum)
        #expect(dearest.cost(of: UsageTokens(input: 4_001)) == nil)
        #expect(dearest.cost(of: UsageTokens(input: UsageTokens.maximum)) == nil)
        #expect(Self.price(3, 15).cost(of: UsageTokens(output: .max)) == nil)
    }

    @Test func aLongRequestHasOtherPricesAsAWhole() throws {
        let price = try #require(BuiltInPrices.all[ModelReference(provider: "openai", model: "gpt-5.5")])
        let short = UsageTokens(input: 200_000, output: 10, cacheRead: 72_000)
        #expect(price.cost(of: short) == UsageCost(input: 1_000_000_000, output: 300_000, cacheRead: 36_000_000))
        let long = UsageTokens(input: 200_000, output: 10, cacheRead: 72_001)
        #expect(price.cost(of: long) == UsageCost(input: 2_000_000_000, output: 450_000, cacheRead: 72_001_000))
    }

    // MARK: What the configuration says

    @Test func whatIsConfiguredCountsMoreThanWhatIsBuiltIn() {
        let builtIn = ModelPrice.Rates(dollarsForInput: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75)
        let own = ModelPrice.Rates(dollarsForInput: 2, output: nil, cacheRead: nil, cacheWrite: 0)
        #expect(
            own.completed(by: builtIn)
                == ModelPrice.Rates(dollarsForInput: 2, output: 15, cacheRead: 0.3, cacheWrite: 0))
        #expect(own.completed(by: nil) == own)
    }

    /// Whoever writes `{input: 0, output: 0}` runs the model at home.
    @Test func aModelThatIsFreeIsFreeAltogether() {
        let builtIn = ModelPrice.Rates(dollarsForInput: 3, output: 15)
        #expect(ModelPrice.Rates(dollarsForInput: 0, output: 0).completed(by: builtIn) == .free)
        #expect(ModelPrice.Rates(dollarsForInput: 0, output: 1).completed(by: nil).cacheRead == nil)
    }

    @Test func theCatalogHasThePrices() {
        let reference = ModelReference(provider: "anthropic", model: "claude-sonnet-4-6")
        #expect(ModelCatalog()[reference]?.price?.rates.output == 15_000_000)
        let configured = ProviderListing(
            provider: "anthropic",
            models: [.init(id: "claude-sonnet-4-6", rates: .init(dollarsForInput: 1, output: 2)), .init(id: "other")])
        let catalog = ModelCatalog(configured: [configured])
        #expect(catalog[reference]?.price?.rates.output == 2_000_000)
        #expect(catalog[reference]?.price?.rates.cacheRead == 300_000)
        #expect(catalog[ModelReference(provider: "anthropic", model: "other")]?.price == nil)
    }

    @Test func everyBuiltInPriceIsOfABuiltInModel() {
        let models = Set(BuiltInModels.all.map(\.reference))
        for (model, price) in BuiltInPrices.all {
            #expect(models.contains(model), "\(model)")
            #expect(price.rates.input != nil && price.rates.output != nil, "\(model)")
            // Nobody asks more for what it has already than for what is new.
            #expect(price.rates.cacheRead ?? 0 <= price.rates.input ?? 0, "\(model)")
        }
        #expect(BuiltInPrices.all[BuiltInModels.test]?.rates.isFree == true)
    }

    // MARK: Tokens

    @Test func tokensAreCountedOnce() {
        let tokens = UsageTokens(TokenUsage(input: 1000, output: 50, cacheRead: 600, cacheWrite: 100, reasoning: 20))
        #expect(tokens == UsageTokens(input: 300, output: 50, cacheRead: 600, cacheWrite: 100, reasoning: 20))
        #expect(tokens.total == 1050)
    }

    @Test func whatAProviderMakesUpIsHeldInBounds() {
        let odd = UsageTokens(TokenUsage(input: 10, output: -5, cacheRead: 30, cacheWrite: .min, reasoning: 7))
        #expect(odd == UsageTokens(cacheRead: 30))
        let absurd = UsageTokens(TokenUsage(input: .max, output: .max, reasoning: .max))
        #expect(absurd.input == UsageTokens.maximum && absurd.reasoning == UsageTokens.maximum)
    }

    @Test func sumsDoNotOverflow() {
        var totals = UsageTotals()
        for _ in 0..<3 {
            var more = UsageTotals()
            more.tokens = UsageTokens(input: .max, output: .max)
            more.cost = UsageCost(input: .max, output: 1)
            more.requests = .max
            totals += more
        }
        #expect(totals.requests == .max && totals.tokens.total == .max && totals.cost.total == .max)
        #expect(totals.cost.output == 3)
    }
}
