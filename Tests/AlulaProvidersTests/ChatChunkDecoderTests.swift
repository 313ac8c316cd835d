import AlulaAuth
import AlulaInference
import AlulaJSON
import Testing

@testable import AlulaProviders

struct ChatChunkDecoderTests {
    private static func events(_ chunks: [String]) throws -> [InferenceEvent] {
        var decoder = ChatChunkDecoder()
        var events: [InferenceEvent] = []
        for chunk in chunks { events += try decoder.decode(try JSONValue.parse(chunk)) }
        return events.filter { if case .started = $0 { false } else { true } }
    }

    private static func chunk(_ delta: String, _ finish: String = "null") -> String {
        #"{"id":"c","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    @Test func readsTextThoughtsAndRefusals() throws {
        let events = try Self.events([
            Self.chunk(#"{"role":"assistant","content":""}"#), Self.chunk(#"{"reasoning_content":"hm"}"#),
            Self.chunk(#"{"reasoning":"so","reasoning_content":null}"#), Self.chunk(#"{"content":"Hi"}"#),
            Self.chunk(#"{"content":[{"type":"text","text":" there"}]}"#), Self.chunk(#"{"refusal":"no"}"#),
            Self.chunk("{}", #""stop""#), Self.chunk("{}", #""stop""#),
        ])
        #expect(
            events == [
                .reasoning("hm"), .reasoning("so"), .text("Hi"), .text(" there"), .refusal("no"), .finished(.stop),
            ])
    }

    @Test(arguments: [
        // In order, with fragments.
        [
            #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#,
            #"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
        ],
        // Alternating, and with id and name repeated.
        [
            #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}},{"index":1,"id":"b","function":{"name":"g"}}]}"#,
            #"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
            #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#,
        ],
        // Every call has the same index; arguments are an object.
        [
            #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}]}"#,
            #"{"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
        ],
        // No index at all.
        [
            #"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]}"#
        ],
    ])
    func putsToolCallsTogether(deltas: [String]) throws {
        var assembler = AnswerAssembler()
        for event in try Self.events(deltas.map { Self.chunk($0) } + [Self.chunk("{}", #""tool_calls""#)]) {
            try assembler.take(event)
        }
        let answer = try assembler.answer()
        #expect(
            answer.toolCalls == [
                Message.ToolCall(id: "a", name: "f", arguments: #"{"x":1}"#),
                Message.ToolCall(id: "b", name: "g", arguments: "{}"),
            ])
        #expect(answer.finish == .toolCalls)
    }

    @Test func readsUsageBeforeAndAfterTheEnd() throws {
        let usage = #"{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}"#
        let expected = InferenceEvent.usage(TokenUsage(input: 3, output: 2, cacheRead: 1))
        #expect(try Self.events([#"{"choices":[],"usage":\#(usage)}"#]).contains(expected))
        #expect(try Self.events([#"{"choices":null,"usage":\#(usage)}"#]).contains(expected))
        let absurd = #"{"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":99999999999999999999}}"#
        #expect(try Self.events([absurd]) == [.usage(TokenUsage())])
    }

    @Test func readsWholeAnswersAndIgnoresOtherChoices() throws {
        let whole =
            #"{"choices":[{"index":1,"message":{"content":"no"},"finish_reason":"stop"},{"index":0,"message":{"content":"yes"},"finish_reason":"length"}]}"#
        #expect(try Self.events([whole]) == [.text("yes"), .finished(.length)])
        let odd = #"{"choices":[{"message":{"content":"yes"},"finish_reason":"because"}]}"#
        #expect(try Self.events([odd]) == [.text("yes"), .finished(.unknown("because"))])
    }

    @Test func anErrorInPlaceOfAnAnswerIsOne() throws {
        let cases: [(String, FailureJudgement)] = [
            (#"{"error":{"message":"Rate limit reached","code":429}}"#, .failure(.rateLimit)),
            (#"{"error":"the server is overloaded"}"#, .failure(.overloaded)),
            (
                #"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota","status":402}}"#,
                .failure(.billing)
            ),
        ]
        for (text, judgement) in cases {
            let failure = #expect(throws: AttemptFailure.self) { try Self.events([text]) }
            #expect(failure?.judgement == judgement, "\(text)")
        }
    }

    @Test(arguments: ["[]", "7", "{}", #"{"choices":"x"}"#, #"{"choices":[{"delta":{"tool_calls":[{"id":"a"}]}}]}"#])
    func whatIsNoAnswerIsRefused(text: String) {
        #expect(throws: AttemptFailure.self) { try Self.events([text]) }
    }

    @Test func errorBodiesOfManyShapesAreUnderstood() {
        let cases: [(String, String)] = [
            (#"{"error":{"message":"told"}}"#, "told"), (#"{"error":"told"}"#, "told"),
            (#"[{"error":{"message":"told"}}]"#, "told"), (#"{"message":"told"}"#, "told"),
            (#"{"detail":"told"}"#, "told"),
            ("told", "told"), ("  <!DOCTYPE html><html>secret page</html>", "The provider answered with a page"),
            ("", "The provider answered with status 500 and nothing else."), ("{}", "The provider gave no reason."),
        ]
        for (body, words) in cases {
            let report = ErrorBody.report(Array(body.utf8), status: 500, retryAfter: nil)
            #expect(report.message.hasPrefix(words), "\(body)")
            #expect(report.status == 500)
        }
        let long = ErrorBody.report(Array(String(repeating: "x", count: 100_000).utf8), status: 500, retryAfter: nil)
        #expect(long.message.count == 1000)
    }
}
