import AlulaAuth
import AlulaInference
import AlulaJSON
import Testing

@testable import AlulaProviders

struct ResponsesEventDecoderTests {
    /// What comes of a stream's events.
    private static func events(_ events: [String], isFinished: Bool = true) throws -> [InferenceEvent] {
        var decoder = ResponsesEventDecoder()
        var seen: [InferenceEvent] = []
        for event in events { seen += try decoder.decode(try JSONValue.parse(event)) }
        #expect(decoder.isFinished == isFinished)
        return seen
    }

    private static func whole(_ text: String) throws -> [InferenceEvent] {
        var decoder = ResponsesEventDecoder()
        let events = try decoder.take(whole: Array(text.utf8))
        #expect(decoder.isFinished)
        return events
    }

    private static let opening = #"{"type":"response.created","response":{"id":"resp_1","model":"x"}}"#
    private static let closing = #"{"type":"response.completed","response":{"status":"completed","output":[]}}"#
    private static let started = InferenceEvent.started(AnswerHead(id: "resp_1", model: "x"))

    private static func item(_ event: String, _ item: String, at place: Int = 0) -> String {
        #"{"type":"response.output_item.\#(event)","output_index":\#(place),"item":\#(item)}"#
    }

    private static func delta(_ kind: String, _ text: String, at place: Int = 0, _ more: String = "") -> String {
        #"{"type":"response.\#(kind).delta","output_index":\#(place)\#(more),"delta":"\#(text)"}"#
    }

    // MARK: Good streams

    @Test func readsThoughtsWithWhatTheirProviderWantsBack() throws {
        let events = try Self.events([
            Self.opening, Self.item("added", #"{"type":"reasoning","id":"rs_1","summary":[]}"#),
            Self.delta("reasoning_summary_text", "h", #","summary_index":0"#),
            Self.delta("reasoning_summary_text", "m", #","summary_index":0"#),
            #"{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"hm"}"#,
            Self.delta("reasoning_summary_text", "So.", #","summary_index":1"#),
            Self.item(
                "done",
                #"{"type":"reasoning","id":"rs_1","summary":[{"text":"hm"},{"text":"So."}],"encrypted_content":"dark"}"#
            ),
            Self.closing,
        ])
        #expect(
            events == [
                Self.started, .reasoning("h"), .reasoning("m"), .reasoning("\n\n"), .reasoning("So."),
                .encryptedReasoning(SealedThoughts.named(id: "rs_1", data: "dark").text), .finished(.stop),
            ])
    }

    @Test func ofThoughtsAndTheirSummaryOneIsTold() throws {
        let events = try Self.events([
            Self.item("added", #"{"type":"reasoning","id":"rs_1"}"#), Self.delta("reasoning_text", "long"),
            Self.delta("reasoning_summary_text", "short"), Self.closing,
        ])
        #expect(events == [.reasoning("long"), .started(AnswerHead()), .finished(.stop)])
    }

    @Test func refusalsAreRefusals() throws {
        let events = try Self.events([
            Self.opening, Self.item("added", #"{"type":"message","id":"msg_1","content":[]}"#),
            Self.delta("refusal", "I will ", #","content_index":0"#),
            Self.delta("refusal", "not.", #","content_index":0"#),
            #"{"type":"response.refusal.done","output_index":0,"content_index":0,"refusal":"I will not."}"#,
            Self.closing,
        ])
        #expect(events == [Self.started, .refusal("I will "), .refusal("not."), .finished(.stop)])
    }

    /// Servers differ in what they send besides pieces; whatever comes first is said, and once.
    @Test func nothingIsSaidTwiceAndNothingIsLost() throws {
        let message =
            #"{"type":"message","id":"m","content":[{"type":"output_text","text":"Hi"},{"type":"refusal","refusal":"No."}]}"#
        let call = #"{"type":"function_call","id":"f","call_id":"c","name":"look","arguments":"{}"}"#
        let expected: [InferenceEvent] = [
            .text("Hi"), .refusal("No."), .toolCallStarted(index: 0, id: "c", name: "look"),
            .toolCallArguments(index: 0, "{}"),
        ]
        let end =
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(message),\#(call)]}}"#
        let streams: [[String]] = [
            [end], [Self.item("done", message), Self.item("done", call, at: 1), end],
            [Self.item("added", message), Self.item("done", message), Self.item("added", call, at: 1), end],
            [
                Self.item("added", #"{"type":"message","id":"m","content":[]}"#),
                #"{"type":"response.output_text.done","item_id":"m","content_index":0,"text":"Hi"}"#,
                Self.item("done", message),
                Self.item("added", #"{"type":"function_call","id":"f","call_id":"c","name":"look"}"#, at: 1),
                #"{"type":"response.function_call_arguments.done","item_id":"f","arguments":"{}"}"#, end,
            ],
            [
                Self.item("added", #"{"type":"message","id":"other","content":[]}"#),
                Self.delta("output_text", "Hi", #","content_index":0,"item_id":"another""#), Self.item("done", message),
                Self.item(
                    "added", #"{"type":"function_call","id":"x","call_id":"c","name":"look","arguments":""}"#, at: 1),
                Self.delta("function_call_arguments", "{", at: 1), Self.delta("function_call_arguments", "}", at: 1),
                Self.item("done", call, at: 1), end,
            ],
        ]
        for (index, stream) in streams.enumerated() {
            let events = try Self.events(stream).filter { $0 != .started(AnswerHead()) }
            var assembler = AnswerAssembler()
            for event in events { try assembler.take(event) }
            let parts = try assembler.answer().parts
            var wanted = AnswerAssembler()
            for event in expected + [.finished(.toolCalls)] { try wanted.take(event) }
            #expect(try parts == wanted.answer().parts, "stream \(index)")
            #expect(events.last == .finished(.toolCalls), "stream \(index)")
        }
    }

    @Test func piecesOfSeveralCallsMayAlternate() throws {
        let events = try Self.events([
            Self.item("added", #"{"type":"function_call","id":"a","call_id":"","name":"f"}"#, at: 3),
            Self.item("added", #"{"type":"function_call","name":"g"}"#, at: 5),
            Self.delta("function_call_arguments", "1", at: 5), Self.delta("function_call_arguments", "2", at: 3),
            Self.closing,
        ])
        #expect(
            events.dropLast(2) == [
                .toolCallStarted(index: 0, id: "a", name: "f"), .toolCallStarted(index: 1, id: "call_1", name: "g"),
                .toolCallArguments(index: 1, "1"), .toolCallArguments(index: 0, "2"),
            ])
        #expect(events.last == .finished(.toolCalls))
    }

    @Test func whatItDoesNotKnowIsSkipped() throws {
        let events = try Self.events([
            #"{"type":"response.queued","response":{"id":"resp_1","model":"x"}}"#,
            #"{"type":"response.in_progress","response":{"id":"resp_1"}}"#, #"{"type":"keepalive"}"#,
            Self.item("added", #"{"type":"web_search_call","id":"ws"}"#),
            #"{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws"}"#,
            #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{}"}"#,
            Self.item("done", #"{"type":"web_search_call","id":"ws","status":"completed"}"#),
            #"{"type":"response.output_text.annotation.added","output_index":1,"annotation":{}}"#,
            Self.delta("output_text", "", at: 1), Self.delta("output_text", "Hi", at: 1), Self.closing,
        ])
        #expect(events == [Self.started, .text("Hi"), .finished(.stop)])
    }

    @Test(arguments: [
        (#"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}"#, FinishReason.length),
        (#"{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}"#, .contentFilter),
        (#"{"status":"incomplete","incomplete_details":{"reason":"weather"}}"#, .unknown("weather")),
        (#"{"status":"incomplete"}"#, .length), ("{}", .length),
    ])
    func saysWhyItEnded(_ response: String, _ reason: FinishReason) throws {
        let event = #"{"type":"response.incomplete","response":\#(response)}"#
        #expect(try Self.events([Self.opening, event]).last == .finished(reason))
    }

    @Test func usageCountsWhatCameFromACache() throws {
        let events = try Self.whole(
            #"""
            {"id":"r","status":"completed","output":[],"error":null,"usage":{"input_tokens":9,"output_tokens":4,
             "input_tokens_details":{"cached_tokens":5,"cache_write_tokens":2},
             "output_tokens_details":{"reasoning_tokens":3},"total_tokens":-1}}
            """#)
        #expect(events.contains(.usage(TokenUsage(input: 9, output: 4, cacheRead: 5, cacheWrite: 2, reasoning: 3))))
        let odd = try Self.whole(#"{"status":"completed","output":[],"usage":{"input_tokens":-9,"output_tokens":"x"}}"#)
        #expect(odd.contains(.usage(TokenUsage())))
    }

    // MARK: Bad streams

    @Test(
        arguments: [
            (#"{"code":"rate_limit_exceeded","message":"slow"}"#, FailureJudgement.failure(.rateLimit)),
            (#"{"code":"server_error","message":"oops"}"#, .failure(.timeout)),
            (#"{"code":"server_is_overloaded","message":"busy"}"#, .failure(.overloaded)),
            (#"{"code":"insufficient_quota","message":"pay"}"#, .failure(.billing)),
            (#"{"code":"invalid_prompt","message":"no"}"#, .failure(.format)),
            (
                #"{"code":"context_length_exceeded","message":"Your input exceeds the context window."}"#,
                .contextOverflow
            ),
            ("null", .failure(.unclassified)), ("{}", .failure(.unclassified)),
        ] as [(String, FailureJudgement)])
    func failuresAreJudgedWhereverTheyStand(_ error: String, _ judgement: FailureJudgement) throws {
        let response = #"{"status":"failed","output":[],"error":\#(error)}"#
        for event in [
            #"{"type":"response.failed","response":\#(response)}"#,
            #"{"type":"response.completed","response":\#(response)}"#,
        ] {
            let failure = #expect(throws: AttemptFailure.self) { try Self.events([Self.opening, event]) }
            #expect(failure?.judgement == judgement, "\(event)")
        }
        let failure = #expect(throws: AttemptFailure.self) { try Self.whole(response) }
        #expect(failure?.judgement == judgement)
        guard error.hasPrefix("{\"") else { return }
        // The event that is an error has its members at the top, or in an object of their own.
        for event in [#"{"type":"error","error":\#(error)}"#, #"{"type":"error",\#(error.dropFirst())"#] {
            let failure = #expect(throws: AttemptFailure.self) { try Self.events([Self.opening, event]) }
            #expect(failure?.judgement == judgement, "\(event)")
        }
    }

    @Test func whatIsNoResponseIsAFailure() throws {
        for text in [
            "[]", "4", "{}", #"{"status":"completed"}"#, #"{"choices":[]}"#, #"{"output":{}}"#,
            #"{"status":"cancelled","output":[]}"#,
            #"{"status":"completed","output":[{"type":"function_call","arguments":"{}"}]}"#,
        ] {
            #expect(throws: AttemptFailure.self, "\(text)") { try Self.whole(text) }
        }
        for event in [
            "[]", "{}", Self.item("added", #"{"type":"function_call","name":""}"#),
            Self.delta("function_call_arguments", "{}", at: 7), #"{"type":"response.cancelled","response":{}}"#,
        ] {
            #expect(throws: AttemptFailure.self, "\(event)") { try Self.events([event]) }
        }
    }

    @Test func anAnswerThatIsNotAtItsEndIsNone() throws {
        for status in [#""in_progress""#, #""queued""#, "null"] {
            var decoder = ResponsesEventDecoder()
            _ = try decoder.take(whole: Array(#"{"status":\#(status),"output":[]}"#.utf8))
            #expect(!decoder.isFinished, "\(status)")
        }
        #expect(try Self.events([Self.opening, Self.delta("output_text", "Hi")], isFinished: false).count == 2)
    }
}
