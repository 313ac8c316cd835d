import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaInference

/// What a request comes to, however it ends.
struct UsageAccountTests {
    private static let route = FailoverRoute(
        model: ModelReference(provider: "lab", model: "m", profile: "lab:work"), login: .profile("lab:work"))
    private static let price = ModelPrice(.init(dollarsForInput: 1, output: 2))

    private static func record(
        _ events: [InferenceEvent], _ outcome: UsageRecord.Outcome, price: ModelPrice? = price
    ) -> UsageRecord {
        var account = UsageAccount()
        account.asked(route)
        for event in events { account.took(event) }
        return record(account, outcome, price: price)
    }

    private static func record(
        _ account: UsageAccount, _ outcome: UsageRecord.Outcome, price: ModelPrice? = price
    ) -> UsageRecord {
        account.record(
            ending: outcome, at: Timestamp(milliseconds: 5000), after: .seconds(2), of: .answer(.openAIChat),
            agent: "main",
            apiKey: "laptop", naming: route.model, price: { $0 == route.model.unpinned ? price : nil })
    }

    private static let usage = InferenceEvent.usage(TokenUsage(input: 100, output: 10))

    @Test func aWholeAnswerHasItsCost() {
        let record = Self.record([.started(AnswerHead()), .text("Hi"), .finished(.stop), Self.usage], .completed)
        #expect(record.model == ModelReference(provider: "lab", model: "m"))
        #expect(record.profile == "lab:work" && record.apiKey == "laptop" && record.agent == "main")
        #expect(record.tokens == UsageTokens(input: 100, output: 10))
        #expect(record.cost == UsageCost(input: 100_000, output: 20_000))
        #expect(record.attempts == 1 && !record.isIncomplete)
    }

    @Test func theLastWordOfAProviderCounts() {
        let first = InferenceEvent.usage(TokenUsage(input: 100, output: 1))
        #expect(Self.record([first, .text("Hi"), Self.usage, .finished(.stop)], .completed).tokens.output == 10)
    }

    @Test func whatNobodyPricedIsNotFree() {
        #expect(Self.record([.text("Hi"), .finished(.stop), Self.usage], .completed, price: nil).cost == nil)
    }

    @Test func anAnswerThatNobodyCountedIsNotFree() {
        let record = Self.record([.text("Hi"), .finished(.stop)], .completed)
        #expect(record.cost == nil && record.isIncomplete && record.tokens == UsageTokens())
        #expect(Self.record([.text("Hi"), .finished(.stop)], .completed, price: ModelPrice(.free)).cost == UsageCost())
    }

    @Test(arguments: [UsageRecord.Outcome.cancelled, .failed("upstream")])
    func whatBrokeOffHasWhatWasToldUntilThen(_ outcome: UsageRecord.Outcome) {
        let told = Self.record([.usage(TokenUsage(input: 100, output: 1)), .text("Hi")], outcome)
        #expect(told.isIncomplete && told.cost == UsageCost(input: 100_000, output: 2_000))
        let silent = Self.record([.started(AnswerHead()), .text("Hi")], outcome)
        #expect(silent.isIncomplete && silent.cost == nil)
    }

    @Test func whatNeverBeganCostsNothing() {
        let record = Self.record([.started(AnswerHead())], .failed("overloaded"), price: nil)
        #expect(record.cost == UsageCost() && !record.isIncomplete)
    }

    @Test func theOneWhoAnswersCounts() {
        var account = UsageAccount()
        account.asked(FailoverRoute(model: ModelReference(provider: "other", model: "x"), login: .unneeded))
        account.took(.usage(TokenUsage(input: 7)))
        account.asked(Self.route)
        for event in [.text("Hi"), .finished(.stop), Self.usage] as [InferenceEvent] { account.took(event) }
        let record = Self.record(account, .completed)
        #expect(record.attempts == 2 && record.tokens.input == 100 && record.model.provider == "lab")
    }

    @Test func aRequestThatNobodyWasAskedForNamesWhomItMeant() {
        let record = Self.record(UsageAccount(), .failed("rate_limited"))
        #expect(record.attempts == 0 && record.profile == nil && record.cost == UsageCost())
        #expect(record.model.provider == "lab")
    }

    /// Options of the test model are texts of its caller.
    @Test func optionsOfTheTestModelAreNotItsName() {
        var account = UsageAccount()
        let model = ModelReference(provider: ProviderTable.testProvider, model: "echo?words=3&delay=5")
        account.asked(FailoverRoute(model: model, login: .unneeded))
        let record = account.record(
            ending: .cancelled, at: Timestamp(milliseconds: 0), after: .zero, of: .answer(.anthropicMessages),
            agent: "main", apiKey: nil, naming: model, price: { _ in nil })
        #expect(record.model == BuiltInModels.test)
    }

    @Test func longNamesAreCut() {
        let record = UsageRecord(
            endedAt: Timestamp(milliseconds: 0),
            model: ModelReference(provider: "p", model: ModelID(String(repeating: "m", count: 5000))),
            operation: .answer(.openAIChat), cost: nil, duration: .zero, attempts: 1, outcome: .completed)
        #expect(record.model.model.rawValue.count == UsageRecord.maximumName)
    }
}
