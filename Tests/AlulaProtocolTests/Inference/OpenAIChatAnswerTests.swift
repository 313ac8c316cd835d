import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import Testing

struct OpenAIChatAnswerTests {
    private let labels = AnswerLabels(
        id: "1", model: "alula/echo", createdAt: Timestamp(milliseconds: 1_800_000_000_999))

    private func events(_ bytes: [UInt8]) throws -> [JSONValue?] {
        try String(decoding: bytes, as: UTF8.self).split(separator: "\n\n").map { line in
            #expect(line.hasPrefix("data: "))
            let data = String(line.dropFirst(6))
            return data == "[DONE]" ? nil : try JSONValue.parse(data)
        }
    }

    private func stream(_ answer: [InferenceEvent], wantsUsage: Bool = false) throws -> [JSONValue?] {
        var encoder = OpenAIChatStreamEncoder(labels, wantsUsage: wantsUsage)
        var bytes: [UInt8] = []
        for event in answer { bytes += encoder.encode(event) }
        return try events(bytes + encoder.end())
    }

    @Test func aWholeAnswerHasTheDialectsShape() {
        let answer = InferenceAnswer(
            parts: [
                .reasoning(Message.Reasoning(text: "hm")), .text("I look."),
                .toolCall(Message.ToolCall(id: "c", name: "look", arguments: "{}")),
            ], finish: .toolCalls, usage: TokenUsage(input: 5, output: 3, cacheRead: 2, reasoning: 1))
        let payload: JSONValue = [
            "id": "chatcmpl_1", "object": "chat.completion", "created": 1_800_000_000, "model": "alula/echo",
            "choices": [
                [
                    "index": 0,
                    "message": [
                        "role": "assistant", "content": "I look.", "refusal": .null, "reasoning_content": "hm",
                        "tool_calls": [
                            ["id": "c", "type": "function", "function": ["name": "look", "arguments": "{}"]]
                        ],
                    ], "logprobs": .null, "finish_reason": "tool_calls",
                ]
            ],
            "usage": [
                "prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8,
                "prompt_tokens_details": ["cached_tokens": 2], "completion_tokens_details": ["reasoning_tokens": 1],
            ],
        ]
        #expect(OpenAIChatAnswerEncoder.encode(answer, labels) == payload)
    }

    @Test func anAnswerOfToolCallsAloneHasNoContent() {
        let answer = InferenceAnswer(
            parts: [.toolCall(Message.ToolCall(id: "c", name: "f", arguments: ""))], finish: .toolCalls)
        let message = OpenAIChatAnswerEncoder.encode(answer, labels)["choices"]?.array?.first?["message"]
        #expect(message?["content"] == .null)
        let empty = OpenAIChatAnswerEncoder.encode(InferenceAnswer(parts: [], finish: .stop), labels)
        #expect(empty["choices"]?.array?.first?["message"]?["content"] == "")
    }

    @Test(.bug(id: "B89")) func usageComesOnceBeforeTheEndAndOnlyWhenAskedFor() throws {
        let answer: [InferenceEvent] = [
            .usage(TokenUsage(input: 1)), .text("x"), .finished(.stop), .usage(TokenUsage(input: 1, output: 2)),
        ]
        let asked = try stream(answer, wantsUsage: true)
        let withUsage = asked.filter { $0?["usage"]?.object != nil }
        #expect(withUsage.count == 1)
        #expect(asked.dropLast().last??["choices"] == [])
        #expect(asked.dropLast().last??["usage"]?["completion_tokens"] == 2)
        #expect(asked.last == .some(nil))
        #expect(try stream(answer).allSatisfy { $0?["usage"] == nil })
    }

    @Test(.bug(id: "B91")) func anEndWithoutAReasonIsAnEndAllTheSame() throws {
        let chunks = try stream([.text("x")])
        #expect(chunks.dropLast().last??["choices"]?.array?.first?["finish_reason"] == "stop")
        #expect(chunks.first??["choices"]?.array?.first?["delta"] == ["role": "assistant", "content": ""])
    }

    @Test(.bug(id: "B93")) func toolCallsStreamWithPlacesFromZero() throws {
        let chunks = try stream([
            .toolCallStarted(index: 3, id: "a", name: "f"), .toolCallStarted(index: 9, id: "b", name: "g"),
            .toolCallArguments(index: 9, "{"), .toolCallArguments(index: 3, "{}"), .toolCallArguments(index: 9, "}"),
            .finished(.toolCalls),
        ])
        var arguments: [Int64: String] = [:]
        for chunk in chunks {
            for call in chunk?["choices"]?.array?.first?["delta"]?["tool_calls"]?.array ?? [] {
                arguments[call["index"]?.integer ?? -1, default: ""] += call["function"]?["arguments"]?.string ?? ""
            }
        }
        #expect(arguments == [0: "{}", 1: "{}"])
        #expect(chunks.dropLast().last??["choices"]?.array?.first?["finish_reason"] == "tool_calls")
    }

    @Test(.bug(id: "B95")) func nothingIsSentForPiecesWithoutText() throws {
        let chunks = try stream([.started(AnswerHead()), .text(""), .text("a"), .reasoning(""), .finished(.stop)])
        // The role, the text, the end and the mark.
        #expect(chunks.count == 4)
    }

    @Test func aBrokenAnswerIsAnErrorInTheDialect() throws {
        var encoder = OpenAIChatStreamEncoder(labels, wantsUsage: false)
        var bytes = encoder.encode(.text("half"))
        bytes += encoder.fail(AnswerError(.upstream, "It broke off."))
        #expect(try events(bytes).last??["error"]?["message"] == "It broke off.")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("[DONE]"))
    }

    @Test func theLastFailureDecidesWhatACallerIsTold() {
        let route = FailoverRoute(model: ModelReference(provider: "openai", model: "m"), login: .configuredKey)
        func error(_ reason: FailureReason, _ cause: FailoverFailure.Cause = .exhausted) -> AnswerError {
            let failure = AttemptFailure(
                judgement: .failure(reason), message: "no", retryAfter: reason == .rateLimit ? .seconds(9) : nil)
            var machine = FailoverStateMachine(
                plan: FailoverPlan(candidates: [.init(model: route.model, logins: [route.login])]))
            let world = FailoverStateMachine.Surroundings(now: labels.createdAt)
            _ = machine.start(in: world)
            guard case .giveUp(let end) = machine.attemptEnded(.failed(failure), in: world) else {
                return AnswerError(.internalError, "")
            }
            return AnswerError(end)
        }
        let statuses = FailureReason.allCases.map { ($0, error($0).status) }
        for (reason, status) in statuses {
            let expected =
                switch reason {
                case .billing: 402
                case .rateLimit: 429
                case .overloaded: 503
                case .timeout: 504
                case .format: 400
                case .modelNotFound: 404
                // The gateway's login is not the caller's.
                case .auth, .authPermanent, .sessionExpired, .emptyResponse, .noErrorDetails, .unclassified, .unknown:
                    502
                }
            #expect(status == expected, "\(reason)")
        }
        #expect(error(.rateLimit).retryAfter == .seconds(9))
    }

    @Test(arguments: AnswerError.Kind.allCases) func everyKindHasAStatusAndAPayload(_ kind: AnswerError.Kind) {
        let error = AnswerError(kind, "Something.", parameter: "x")
        #expect((400...599).contains(error.status))
        #expect(error.openAIPayload["error"]?["message"] == "Something.")
        #expect(error.openAIPayload["error"]?["param"] == "x")
    }
}
