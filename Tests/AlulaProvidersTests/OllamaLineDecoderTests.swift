import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaProviders

struct OllamaLineDecoderTests {
    private static func events(_ lines: [String]) throws -> [InferenceEvent] {
        try ProviderStream.read(
            [Array(lines.joined(separator: "\n").utf8)], of: .ollama, login: OpenedLogin(secret: nil))
    }

    private static func line(_ message: String, _ end: String = #","done":false"#) -> String {
        #"{"model":"m","created_at":"t","message":\#(message)\#(end)}"#
    }

    @Test(
        arguments: [
            (#""done_reason":"stop""#, .stop), (#""done_reason":"length""#, .length), (#""x":1"#, .stop),
            (#""done_reason":"load""#, .unknown("load")),
        ] as [(String, FinishReason)])
    func saysWhyItEnds(_ end: String, _ reason: FinishReason) throws {
        let events = try Self.events([Self.line(#"{"content":"Hi"}"#), #"{"done":true,\#(end),"eval_count":3}"#])
        #expect(
            events == [
                .started(AnswerHead(model: "m")), .text("Hi"), .usage(TokenUsage(output: 3)), .finished(reason),
            ])
    }

    @Test func callsWithoutNamesGetOne() throws {
        let calls = #"{"function":{"name":"f","arguments":{"a":1}}},{"function":{"name":"f","arguments":"{\"a\":2}"}}"#
        let more = #"{"function":{"name":"g"}}"#
        let events = try Self.events([
            Self.line(#"{"content":"","tool_calls":[\#(calls)]}"#),
            Self.line(#"{"tool_calls":[\#(more)]}"#, #","done":true,"done_reason":"stop""#),
        ])
        let answer = try ProviderCall.answer(events)
        #expect(answer.toolCalls.map(\.arguments) == [#"{"a":1}"#, #"{"a":2}"#, "{}"])
        #expect(Set(answer.toolCalls.map(\.id)).count == 3)
        #expect(answer.toolCalls.allSatisfy { $0.id.wholeMatch(of: /call_[0-9a-f]{16}/) != nil })
        #expect(answer.finish == .toolCalls)
    }

    /// The status is sent before anybody knows that the rest fails.
    @Test func anErrorInTheMiddleBreaksTheAnswerOff() throws {
        var decoder = OllamaLineDecoder()
        _ = try decoder.decode(try JSONValue.parse(Self.line(#"{"content":"Hi"}"#)))
        let cases: [(String, FailureJudgement)] = [
            (#"{"error":"an error was encountered while running the model"}"#, .failure(.unclassified)),
            (#"{"error":"too many","status":429}"#, .failure(.rateLimit)),
            (#"{"error":"pay","status_code":402}"#, .failure(.billing)),
            (#"{"error":"model requires more system memory","status":200}"#, .failure(.unclassified)),
        ]
        for (line, judgement) in cases {
            let failure = #expect(throws: AttemptFailure.self) { try decoder.decode(try JSONValue.parse(line)) }
            #expect(failure?.judgement == judgement, "\(line)")
        }
    }

    @Test(arguments: [
        "{}", #"{"message":4}"#, #"{"done":false}"#, #"{"message":{"tool_calls":[{}]}}"#,
        #"{"message":{"tool_calls":[{"function":{"name":""}}]}}"#,
    ]) func whatMakesNoSenseIsRefused(_ line: String) {
        #expect(throws: AttemptFailure.self) { try Self.events([line]) }
    }

    /// Nothing is read behind the end.
    @Test func theEndIsTheEnd() throws {
        let end = Self.line(#"{"content":"Hi"}"#, #","done":true"#)
        #expect(try Self.events([end, "nonsense", end]).filter { $0 == .text("Hi") }.count == 1)
    }

    @Test func aServerNearbyWantsNoKey() {
        #expect(OllamaProvider.headers(OpenedLogin(secret: nil)).isEmpty)
        #expect(OllamaProvider.headers(OpenedLogin(secret: Secret("fake"))).map(\.value) == ["Bearer fake"])
    }
}
