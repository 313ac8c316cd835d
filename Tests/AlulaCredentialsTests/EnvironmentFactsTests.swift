import AlulaAuth
import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct EnvironmentFactsTests {
    @Test func reducesTheEnvironmentToFacts() {
        let fact = EnvironmentFacts.make(
            from: [
                "OPENAI_API_KEY": .init(Secret("CANARY"), origin: .process),
                "GROQ_API_KEY": .init(Secret(" \n"), origin: .process),
                "ZAI_API_KEY": .init(Secret("\u{4E2D}\u{6587}"), origin: .process),
                "OLLAMA_API_KEY": .init(Secret("ollama-local\n"), origin: .stateFile),
                "AWS_REGION": .init(Secret("eu-west-1"), origin: .shell),
                "HOME": .init(Secret("/home/m\u{4E2D}"), origin: .process),
                "OWN": .init(Secret("own-marker"), origin: .configuration),
            ], markers: ["own-marker"])
        #expect(
            fact.origins == [
                "OPENAI_API_KEY": .process, "OLLAMA_API_KEY": .stateFile, "AWS_REGION": .shell, "HOME": .process,
                "OWN": .configuration,
            ])
        #expect(fact.values == ["AWS_REGION": "eu-west-1", "HOME": "/home/m\u{4E2D}"])
        #expect(fact.markers == ["OLLAMA_API_KEY": "ollama-local", "OWN": "own-marker"])
        #expect(!"\(fact)".contains("CANARY"))
    }
}
