import AlulaFaults
import AlulaJSON
import Testing

struct ProviderAnswerTests {
    private let expectation = Expectation(required: ["openai", "groq"], allowed: ["openai", "groq", "xai"])

    private func status(_ providers: [String: Bool]) -> JSONValue {
        let entries = providers.map { entry -> JSONValue in
            ["provider": .string(entry.key), "available": .bool(entry.value)]
        }
        return ["auth": ["providers": .array(entries)]]
    }

    @Test func isRightWithWhatIsRequiredAndAllowed() {
        let answers: [[String: Bool]] = [
            ["openai": true, "groq": true], ["openai": true, "groq": true, "xai": true],
            ["openai": true, "groq": true, "xai": false, "mistral": false],
        ]
        for answer in answers {
            #expect(ProviderAnswer(status(answer), of: "models.status").problem(against: expectation) == nil)
        }
    }

    @Test func namesWhatIsMissingAndWhatIsTooMuch() {
        let answer = ProviderAnswer(status(["openai": true, "groq": false, "mistral": true]), of: "models.status")
        #expect(
            answer.problem(against: expectation)
                == "groq can answer, and it says no; mistral can't answer, and it says yes")
        #expect(ProviderAnswer(.null, of: "models.status").problem(against: expectation) != nil)
    }

    @Test func wantsEveryProviderOnlyWhereAllAreShown() {
        let models: JSONValue = [
            "models": [["provider": "openai", "available": true], ["provider": "openai", "available": true]]
        ]
        #expect(ProviderAnswer(models, of: "models.list").problem(against: expectation) == nil)
        let onlyOne = ProviderAnswer(status(["openai": true]), of: "models.status")
        #expect(onlyOne.problem(against: expectation) == "groq can answer, and it says no")
    }

    @Test func isNotContentWithModelsOfOneProviderThatDisagree() {
        let models: JSONValue = [
            "models": [["provider": "openai", "available": true], ["provider": "openai", "available": false]]
        ]
        #expect(
            ProviderAnswer(models, of: "models.list").problem(against: expectation)
                == "openai can answer, and it says no")
    }
}
