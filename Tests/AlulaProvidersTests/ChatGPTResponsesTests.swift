import AlulaInference
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProviders

/// What ChatGPT's back end wants differently from the Responses API.
struct ChatGPTResponsesTests {
    private static func encode(_ change: (inout InferenceRequest) -> Void = { _ in }) throws -> JSONValue {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        change(&request)
        return try ChatGPTRequestEncoder(model: "gpt-5.5").encode(request)
    }

    @Test func itIsAskedForAStreamAndKeepsNothing() throws {
        let body = try Self.encode()
        #expect(body["model"] == "gpt-5.5")
        #expect(body["stream"] == true)
        #expect(body["store"] == false)
        #expect(body["include"] == ["reasoning.encrypted_content"])
        #expect(body["instructions"]?.string?.isEmpty == false)
        let told = try Self.encode { $0.messages.insert(Message(.system, "Be brief."), at: 0) }
        #expect(told["instructions"] == "Be brief.")
    }

    @Test func whatItRefusesAndWhatChangesNoAnswerStaysBehind() throws {
        let body = try Self.encode {
            $0.dialect = .openAIResponses
            $0.sampling.maximumOutputTokens = 5
            $0.sampling.temperature = 1
            $0.user = "me"
            $0.extras["metadata"] = ["a": "b"]
            $0.extras["store"] = true
            $0.extras["prompt_cache_key"] = "kept"
        }
        for member in ["max_output_tokens", "temperature", "user", "metadata"] { #expect(body[member] == nil) }
        #expect(body["store"] == false)
        #expect(body["prompt_cache_key"] == "kept")
    }

    @Test func whatWouldChangeTheAnswerIsRefusedByItsName() {
        let failures: [(String, (inout InferenceRequest) -> Void)] = [
            ("temperature", { $0.sampling.temperature = 0.2 }), ("top_p", { $0.sampling.topP = 0.5 }),
            ("seed", { $0.sampling.seed = 1 }), ("stop", { $0.sampling.stopSequences = ["x"] }),
        ]
        for (parameter, change) in failures {
            let failure = #expect(throws: AttemptFailure.self) { try Self.encode(change) }
            #expect(failure?.parameter == parameter)
        }
    }

    @Test(
        arguments: [
            ("https://chatgpt.com/backend-api", "https://chatgpt.com/backend-api/codex/responses"),
            ("https://chatgpt.com/backend-api/codex/", "https://chatgpt.com/backend-api/codex/responses"),
            ("http://127.0.0.1:9/codex/responses", "http://127.0.0.1:9/codex/responses"),
            ("https://api.openai.com/v1", "https://chatgpt.com/backend-api/codex/responses"),
        ])
    func knowsWhereItIs(_ base: String, _ url: String) { #expect(ChatGPTResponsesProvider.url(base) == url) }

    @Test func theAccountIsNamed() {
        let headers = ChatGPTResponsesProvider.headers(OpenedLogin(secret: Secret("fake-token"), account: "acct-1"))
        #expect(headers.contains { $0.name == "chatgpt-account-id" && $0.value == "acct-1" })
        #expect(headers.contains { $0.name == "authorization" && $0.value == "Bearer fake-token" })
        let none = ChatGPTResponsesProvider.headers(OpenedLogin(secret: Secret("fake-token")))
        #expect(!none.contains { $0.name == "chatgpt-account-id" })
    }
}
