import AlulaAuth
import AlulaInference
import AlulaJSON
import Testing

@testable import AlulaProviders

struct MessagesEventDecoderTests {
    private static let opening = #"{"type":"message_start","message":{"id":"m","model":"x"}}"#
    private static let closing = [
        #"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#, #"{"type":"message_stop"}"#,
    ]

    /// What comes of a stream without its beginning and its end.
    private static func events(_ events: [String], closing: [String] = closing) throws -> [InferenceEvent] {
        var decoder = MessagesEventDecoder()
        var seen: [InferenceEvent] = []
        for event in [opening] + events + closing { seen += try decoder.decode(try JSONValue.parse(event)) }
        #expect(decoder.isFinished)
        return Array(seen.dropFirst())
    }

    private static func block(_ block: String, at index: Int? = 0) -> String {
        let place = index.map { #","index":\#($0)"# } ?? ""
        return #"{"type":"content_block_start"\#(place),"content_block":\#(block)}"#
    }

    private static func delta(_ delta: String, at index: Int? = 0) -> String {
        let place = index.map { #","index":\#($0)"# } ?? ""
        return #"{"type":"content_block_delta"\#(place),"delta":\#(delta)}"#
    }

    private static func stop(_ index: Int = 0) -> String { #"{"type":"content_block_stop","index":\#(index)}"# }

    // MARK: Good streams

    @Test func readsThoughtsWithTheirProof() throws {
        let events = try Self.events([
            Self.block(#"{"type":"thinking","thinking":"","signature":""}"#),
            Self.delta(#"{"type":"thinking_delta","thinking":"hm"}"#),
            Self.delta(#"{"type":"signature_delta","signature":"sig"}"#), Self.stop(),
            Self.block(#"{"type":"redacted_thinking","data":"dark"}"#, at: 1), Self.stop(1),
        ])
        #expect(
            events == [.reasoning("hm"), .reasoningSignature("sig"), .encryptedReasoning("dark"), .finished(.stop)])
    }

    @Test func whatItDoesNotKnowIsSkipped() throws {
        let events = try Self.events([
            #"{"type":"ping"}"#, #"{"type":"weather_report","rain":true}"#,
            Self.block(#"{"type":"server_tool_use","id":"s","name":"web_search","input":{}}"#),
            Self.delta(#"{"type":"input_json_delta","partial_json":"{}"}"#), Self.stop(),
            Self.block(#"{"type":"hologram"}"#, at: 1), Self.delta(#"{"type":"hologram_delta","x":1}"#, at: 1),
            Self.stop(1), Self.block(#"{"type":"text","text":"Hi"}"#, at: 2),
            Self.delta(#"{"type":"citations_delta","citation":{}}"#, at: 2),
            Self.delta(#"{"type":"text_delta","text":" there"}"#, at: 2), Self.stop(2), Self.stop(9),
        ])
        #expect(events == [.text("Hi"), .text(" there"), .finished(.stop)])
    }

    @Test(
        .bug(id: "B94"),
        arguments: [
            // In pieces, and the beginning repeats nothing.
            ([#"{}"#], ["{\"a\"", ":1}"], "{\"a\":1}"),
            // Whole with its beginning.
            ([#"{"a":1}"#], [], "{\"a\":1}"),
            // Both: the pieces count.
            ([#"{"a":1}"#], ["{\"a\":2}"], "{\"a\":2}"), ([#"{}"#], [], ""), ([#"null"#], [""], ""),
        ])
    func inputsComeInPiecesOrWhole(_ start: [String], _ pieces: [String], _ arguments: String) throws {
        let deltas = pieces.map {
            let text = String(decoding: JSONValue.string($0).serialized(.compact), as: UTF8.self)
            return Self.delta(#"{"type":"input_json_delta","partial_json":\#(text)}"#)
        }
        for end in [[Self.stop()], []] {
            let events = try Self.events(
                [Self.block(#"{"type":"tool_use","id":"t","name":"f","input":\#(start[0])}"#)] + deltas + end)
            #expect(events.first == .toolCallStarted(index: 0, id: "t", name: "f"))
            let said = events.compactMap { if case .toolCallArguments(0, let text) = $0 { text } else { nil } }.joined()
            #expect(said == arguments)
            #expect(events.last == .finished(.stop))
        }
    }

    @Test func missingAndRepeatedIndicesAreUnderstood() throws {
        let events = try Self.events([
            Self.block(#"{"type":"tool_use","id":"a","name":"f"}"#, at: nil),
            Self.delta(#"{"type":"input_json_delta","partial_json":"1"}"#, at: nil),
            Self.block(#"{"type":"tool_use","name":"g"}"#, at: nil),
            Self.delta(#"{"type":"input_json_delta","partial_json":"2"}"#, at: nil),
            // Some servers forget to begin a text.
            Self.delta(#"{"type":"text_delta","text":"Hi"}"#, at: 7),
        ])
        #expect(
            events == [
                .toolCallStarted(index: 0, id: "a", name: "f"), .toolCallArguments(index: 0, "1"),
                .toolCallStarted(index: 1, id: "call_1", name: "g"), .toolCallArguments(index: 1, "2"), .text("Hi"),
                .finished(.stop),
            ])
    }

    @Test(
        arguments: [
            ("end_turn", .stop), ("max_tokens", .length), ("model_context_window_exceeded", .length),
            ("tool_use", .toolCalls), ("pause_turn", .paused), ("refusal", .refusal),
            ("stop_sequence", .stopSequence("S")),
            ("sleepy", .unknown("sleepy")),
        ] as [(String, FinishReason)])
    func readsWhyItEnded(_ word: String, _ reason: FinishReason) throws {
        let end = #"{"type":"message_delta","delta":{"stop_reason":"\#(word)","stop_sequence":"S"}}"#
        #expect(try Self.events([], closing: [end, #"{"type":"message_stop"}"#]) == [.finished(reason)])
        var decoder = MessagesEventDecoder()
        let whole = try decoder.decode(
            whole: JSONValue.parse(#"{"content":[],"stop_reason":"\#(word)","stop_sequence":"S"}"#))
        #expect(whole.last == .finished(reason))
    }

    @Test func anEndWithoutAReasonIsAnEndAllTheSame() throws {
        let text = Self.delta(#"{"type":"text_delta","text":"Hi"}"#)
        #expect(try Self.events([text], closing: [#"{"type":"message_stop"}"#]) == [.text("Hi"), .finished(.stop)])
        let call = Self.block(#"{"type":"tool_use","id":"t","name":"f"}"#)
        #expect(try Self.events([call], closing: [#"{"type":"message_stop"}"#]).last == .finished(.toolCalls))
    }

    @Test func aRefusalSaysWhyUnlessTheModelHas() throws {
        let end = [
            #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"explanation":"Not this."}}}"#,
            #"{"type":"message_stop"}"#,
        ]
        #expect(try Self.events([], closing: end) == [.refusal("Not this."), .finished(.refusal)])
        let text = Self.delta(#"{"type":"text_delta","text":"No."}"#)
        #expect(try Self.events([text], closing: end) == [.text("No."), .finished(.refusal)])
    }

    @Test func usageIsPutTogetherFromItsParts() throws {
        var decoder = MessagesEventDecoder()
        var events = try decoder.decode(
            try JSONValue.parse(
                #"{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":20,"cache_creation_input_tokens":100,"output_tokens":1}}}"#
            ))
        #expect(events.last == .usage(TokenUsage(input: 123, output: 1, cacheRead: 20, cacheWrite: 100)))
        events = try decoder.decode(
            try JSONValue.parse(
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}"#
            ))
        #expect(
            events == [
                .finished(.stop),
                .usage(TokenUsage(input: 123, output: 9, cacheRead: 20, cacheWrite: 100, reasoning: 4)),
            ])
        events = try decoder.decode(
            try JSONValue.parse(
                #"{"type":"message_delta","delta":{},"usage":{"input_tokens":-5,"output_tokens":99999999999999999999}}"#
            ))
        #expect(events == [.usage(TokenUsage(input: 120, output: 9, cacheRead: 20, cacheWrite: 100, reasoning: 4))])
    }

    // MARK: Bad streams

    @Test(
        arguments: [
            (#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, .failure(.overloaded)),
            (#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#, .failure(.rateLimit)),
            (#"{"type":"error","error":{"type":"authentication_error","message":"x"}}"#, .failure(.auth)),
            (#"{"type":"error","error":{"type":"billing_error","message":"x"}}"#, .failure(.billing)),
            (#"{"type":"error","error":{"type":"not_found_error","message":"x"}}"#, .failure(.modelNotFound)),
            (#"{"type":"error","error":{"type":"api_error","message":"x"}}"#, .failure(.timeout)),
            (#"{"type":"error","error":{"type":"invalid_request_error","message":"x"}}"#, .failure(.format)),
            (
                #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
                .contextOverflow
            ),
            (#"{"error":"down"}"#, .failure(.unclassified)), (#"{"type":"error"}"#, .failure(.unclassified)),
            ("{}", .failure(.unclassified)), ("[]", .failure(.unclassified)), ("null", .failure(.unclassified)),
            (#"{"type":4}"#, .failure(.unclassified)),
            (
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"x"}}"#,
                .failure(.unclassified)
            ),
            (
                #"{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
                .failure(.unclassified)
            ),
        ] as [(String, FailureJudgement)])
    func anErrorInPlaceOfAnEventIsOne(_ event: String, _ judgement: FailureJudgement) throws {
        for isFirst in [true, false] {
            var decoder = MessagesEventDecoder()
            if !isFirst { _ = try decoder.decode(try JSONValue.parse(Self.opening)) }
            let value = try JSONValue.parse(event)
            let failure = #expect(throws: AttemptFailure.self) { try decoder.decode(value) }
            #expect(failure?.judgement == judgement)
        }
    }

    @Test(arguments: ["{}", "[]", #"{"content":"x"}"#, #"{"type":"error","error":{"message":"x"}}"#, "null"])
    func aWholeAnswerThatIsNoneIsRefused(_ text: String) throws {
        var decoder = MessagesEventDecoder()
        let value = try JSONValue.parse(text)
        #expect(throws: AttemptFailure.self) { try decoder.decode(whole: value) }
    }

    @Test func aWholeAnswerWithoutItsEndIsNotFinished() throws {
        var decoder = MessagesEventDecoder()
        _ = try decoder.decode(whole: JSONValue.parse(#"{"content":[{"type":"text","text":"x"}],"stop_reason":null}"#))
        #expect(!decoder.isFinished)
    }
}
