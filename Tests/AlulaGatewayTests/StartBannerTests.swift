import AlulaAuth
import AlulaPrimitives
import Testing

@testable import AlulaGateway

struct StartBannerTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    private func banner(_ configuration: String, _ variables: [String: String] = [:]) throws -> String {
        let state = try Installation(configuration).load(variables)
        var facts = AuthFacts(stores: [state.context.mainStore: .absent])
        facts.environment = state.environmentFact
        let prepared = AuthPreparer.prepare(
            context: state.context, facts: facts, generation: 1, gathering: .worker, now: now)
        return StartBanner.text(prepared, now: now)
    }

    @Test func namesWhatCanBeUsedAndWhereItCameFromWithoutTheSecret() throws {
        let text = try banner("{}", ["GROQ_API_KEY": "sk-fake-CANARY"])
        #expect(text.hasPrefix("Usable providers:\n"))
        #expect(text.contains("\n  groq: "))
        #expect(text.contains("GROQ_API_KEY"))
        #expect(!text.contains("CANARY"))
    }

    @Test func saysHowToGetTheProviderThatTheConfigurationWants() throws {
        let text = try banner("{agents: {defaults: {model: 'mistral/mistral-large-latest'}}}")
        #expect(!text.contains("\n  mistral: "))
        #expect(text.contains("\nFor mistral: "))
        #expect(text.hasSuffix("\nMore: alula models status"))
    }

    @Test func asksForNothingWhenTheWantedProviderIsThere() throws {
        let text = try banner(
            "{agents: {defaults: {model: 'groq/llama-3.3-70b-versatile'}}}", ["GROQ_API_KEY": "sk-fake"])
        #expect(!text.contains("\nFor "))
    }

    @Test func theBuiltInTestModelIsNoProviderToSpeakOf() throws {
        #expect(try banner("{}").hasPrefix("No provider can be used yet."))
    }
}
