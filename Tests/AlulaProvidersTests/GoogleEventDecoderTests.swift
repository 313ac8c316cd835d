import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProviders

struct GoogleEventDecoderTests {
    /// What comes of a stream of these events, without its beginning.
    private static func events(_ events: [String]) throws -> [InferenceEvent] {
        var decoder = GoogleEventDecoder()
        var seen: [InferenceEvent] = []
        for event in events { seen += try decoder.decode(try JSONValue.parse(event)) }
        seen += try decoder.end()
        return Array(seen.dropFirst())
    }

    private static func event(_ parts: String, _ end: String = "") -> String {
        #"{"responseId":"r","modelVersion":"x","candidates":[{"content":{"parts":[\#(parts)]}\#(end)}]}"#
    }

    private static let stop = #","finishReason":"STOP""#

    // MARK: Parts

    @Test func theBeginningNamesAnswerAndModel() throws {
        var decoder = GoogleEventDecoder()
        let events = try decoder.decode(try JSONValue.parse(Self.event(#"{"text":"Hi"}"#)))
        #expect(events == [.started(AnswerHead(id: "r", model: "x")), .text("Hi")])
        #expect(!decoder.isFinished)
    }

    /// A proof comes with the part that the thoughts led to, and is told before it.
    @Test func proofsOfThoughtsAreKeptUnderTheirName() throws {
        let events = try Self.events([
            Self.event(#"{"text":"hm","thought":true,"thoughtSignature":"early"}"#),
            Self.event(#"{"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":"A"}"#),
            Self.event(#"{"functionCall":{"id":"b","name":"f","args":{}}}"#),
            Self.event(#"{"text":"","thoughtSignature":"B"}"#, Self.stop),
        ])
        #expect(
            events == [
                .reasoning("hm"), .reasoningSignature("google:A"),
                .toolCallStarted(index: 0, id: "a", name: "f"), .toolCallArguments(index: 0, "{}"),
                .toolCallStarted(index: 1, id: "b", name: "f"), .toolCallArguments(index: 1, "{}"),
                .reasoningSignature("google:B"), .finished(.toolCalls),
            ])
    }

    @Test func callsWithoutNamesGetTheSameOneEachTime() throws {
        let call = #"{"functionCall":{"name":"f","args":{"a":1}}}"#
        let ids = try ids(of: [Self.event("\(call),\(call)", Self.stop)])
        #expect(ids.count == 2)
        #expect(Set(ids).count == 2)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /call_[0-9a-f]{16}/) != nil })
        #expect(try ids == self.ids(of: [Self.event(call), Self.event(call, Self.stop)]))
        // Another answer's calls have other names, since both may stand in one conversation.
        let other = Self.event("\(call),\(call)", Self.stop).replacing(#""r""#, with: #""s""#)
        #expect(try Set(self.ids(of: [other])).isDisjoint(with: ids))
    }

    private func ids(of events: [String]) throws -> [String] {
        try Self.events(events).compactMap { if case .toolCallStarted(_, let id, _) = $0 { id } else { nil } }
    }

    @Test func whatItDoesNotKnowIsSkipped() throws {
        let events = try Self.events([
            Self.event(#"{"executableCode":{"code":"1"}},{"inlineData":{"data":"AAAA"}},{"text":"Hi"},{}"#),
            #"{"candidates":[{"index":1,"content":{"parts":[{"text":"other"}]}},{"index":0,"finishReason":"STOP"}]}"#,
        ])
        #expect(events == [.text("Hi"), .finished(.stop)])
    }

    /// Some models give a reason with each event.
    @Test func theEndIsSaidOnceAndLast() throws {
        let usage = #"{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4,"toolUsePromptTokenCount":1}}"#
        let events = try Self.events([
            Self.event(#"{"text":"a"}"#, Self.stop), usage, Self.event(#"{"text":"b"}"#, Self.stop),
        ])
        #expect(events == [.text("a"), .text("b"), .usage(TokenUsage(input: 4, output: 4)), .finished(.stop)])
    }

    @Test func aStreamInAnArrayIsAnAnswer() throws {
        var decoder = GoogleEventDecoder()
        let body = "[\(Self.event(#"{"text":"a"}"#)),\(Self.event(#"{"text":"b"}"#, Self.stop))]"
        let events = try decoder.take(whole: Array(body.utf8))
        #expect(Array(events.dropFirst()) == [.text("a"), .text("b"), .finished(.stop)])
    }

    // MARK: Ends

    @Test(
        arguments: [
            ("STOP", .stop), ("MAX_TOKENS", .length), ("SAFETY", .contentFilter), ("RECITATION", .contentFilter),
            ("PROHIBITED_CONTENT", .contentFilter), ("MALFORMED_FUNCTION_CALL", .unknown("MALFORMED_FUNCTION_CALL")),
            ("NEW_REASON", .unknown("NEW_REASON")),
        ] as [(String, FinishReason)])
    func saysWhyItEnds(_ word: String, _ reason: FinishReason) throws {
        let events = try Self.events([Self.event(#"{"text":"a"}"#, #","finishReason":"\#(word)""#)])
        #expect(events == [.text("a"), .finished(reason)])
    }

    /// Another model may do better as long as nothing was said.
    @Test func aModelThatFailsWithoutAWordIsAFailure() throws {
        let event = Self.event("", #","finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"no such tool""#)
        let failure = #expect(throws: AttemptFailure.self) { try Self.events([event]) }
        #expect(failure?.judgement == .failure(.emptyResponse))
        #expect(failure?.message.contains("no such tool") == true)
    }

    @Test func aPromptThatIsBlockedHasAnAnswerThatSaysSo() throws {
        let events = try Self.events([
            #"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"#
        ])
        guard case .refusal(let words)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(words.contains("SAFETY"))
        #expect(events.dropFirst() == [.usage(TokenUsage(input: 3)), .finished(.contentFilter)])
    }

    // MARK: Errors

    @Test func aRejectedKeyIsNoMistakeOfTheCaller() {
        let body =
            #"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}"#
        #expect(
            AttemptFailure(ErrorBody.report(Array(body.utf8), status: 400, retryAfter: nil)).judgement
                == .failure(.auth))
    }

    @Test func aWishForARestStandsAmongTheDetails() {
        func rest(_ delay: String, _ header: Duration? = nil) -> Duration? {
            let body = #"[{"error":{"code":429,"message":"x","details":[{"@type":"h"},{"retryDelay":\#(delay)}]}}]"#
            return ErrorBody.report(Array(body.utf8), status: 429, retryAfter: header).retryAfter
        }
        #expect(rest(#""34.5s""#) == .milliseconds(34_500))
        #expect(rest(#""34s""#, .seconds(2)) == .seconds(2))
        for delay in [#""34""#, #""-1s""#, #""1e30s""#, #""nans""#, "7", "null"] {
            #expect(rest(delay) == nil, "\(delay)")
        }
    }
}
