import AlulaJSON
import Testing

@testable import AlulaProtocol

struct FrameCodingTests {
    @Test(arguments: [
        (
            GatewayFrame.request(.init(id: "7", method: "status")),
            #"{"type":"req","id":"7","method":"status","params":{}}"#
        ),
        (
            .response(.init(id: "7", .success(["a": 1]))),
            #"{"type":"res","id":"7","ok":true,"payload":{"a":1}}"#
        ),
        (
            .response(
                .init(
                    id: "8",
                    .failure(
                        GatewayError(
                            .unavailable, "later", details: ["reason": "startup-sidecars"], isRetryable: true,
                            retryAfter: .milliseconds(500))))),
            #"{"type":"res","id":"8","ok":false,"error":{"code":"UNAVAILABLE","message":"later","details":{"reason":"startup-sidecars"},"retryable":true,"retryAfterMs":500}}"#
        ),
        (
            .event(
                .init(
                    "health", payload: ["ok": true], sequence: 12, stateVersion: StateVersion(presence: 3, health: 8))),
            #"{"type":"event","event":"health","payload":{"ok":true},"seq":12,"stateVersion":{"presence":3,"health":8}}"#
        ),
        (.event(.init("tick", payload: ["ts": 1])), #"{"type":"event","event":"tick","payload":{"ts":1}}"#),
    ])
    func framesAreWrittenAsTheProtocolSaysAndReadBack(frame: GatewayFrame, text: String) throws {
        #expect(String(decoding: frame.encoded, as: UTF8.self) == text)
        #expect(try GatewayFrame.decode(frame.encoded) == frame)
    }

    @Test(arguments: ["7", "a\"b\\c", "ü\u{1}"])
    func anAnswerWithAnEncodedPayloadIsTheSameFrame(id: String) {
        let payload: JSONValue = ["a": [1, "ö"]]
        let whole = GatewayFrame.response(.init(id: id, .success(payload))).encoded
        #expect(GatewayFrame.answer(to: id, encodedPayload: payload.serialized(.compact)) == whole)
    }

    @Test func missingAndNullParametersAreTheEmptyObject() throws {
        for text in [
            #"{"type":"req","id":"1","method":"m"}"#, #"{"type":"req","id":"1","method":"m","params":null}"#,
        ] {
            #expect(try GatewayFrame.decodeRequest(Array(text.utf8)).parameters == [:])
        }
    }

    @Test func aTraceMayComeAlongWithinItsBound() throws {
        func frame(_ length: Int) -> [UInt8] {
            Array(
                #"{"type":"req","id":"1","method":"m","traceparent":"\#(String(repeating: "a", count: length))"}"#.utf8)
        }
        _ = try GatewayFrame.decodeRequest(frame(128))
        #expect(throws: FrameError.self) { try GatewayFrame.decodeRequest(frame(129)) }
    }

    @Test(arguments: [
        "", "{", "nonsense", #"{"type":"req"} x"#, String(repeating: "[", count: 100_000), "\u{0}",
    ])
    func whatIsNotJSONIsSaidToBeThat(text: String) {
        #expect(throws: FrameError.self) { try GatewayFrame.decodeRequest(Array(text.utf8)) }
        do { _ = try GatewayFrame.decodeRequest(Array(text.utf8)) } catch { #expect(error.code == .notJSON) }
    }

    @Test func nestingHasABound() throws {
        func frame(_ depth: Int) -> [UInt8] {
            let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return Array(#"{"type":"req","id":"1","method":"m","params":\#(nest)}"#.utf8)
        }
        _ = try GatewayFrame.decodeRequest(frame(GatewayFrame.maximumDepth - 1))
        #expect(throws: FrameError.self) { try GatewayFrame.decodeRequest(frame(GatewayFrame.maximumDepth + 1)) }
    }

    @Test(arguments: [
        "{}", #"{"type":"res","id":"1"}"#, #"{"type":"event"}"#, #"{"type":"event","event":""}"#, #"{"type":"pong"}"#,
    ])
    func aClientRefusesWhatIsNoFrame(text: String) {
        do {
            _ = try GatewayFrame.decode(Array(text.utf8))
            Issue.record("It was accepted.")
        } catch {
            #expect(error.code == .notFrame)
        }
    }

    @Test func aClientIgnoresMembersOfLaterVersions() throws {
        let text = #"{"type":"event","event":"tick","payload":{},"later":1}"#
        #expect(try GatewayFrame.decode(Array(text.utf8)) == .event(.init("tick", payload: [:])))
    }

    @Test func codesOfLaterVersionsSurvive() {
        let error = GatewayError(payload: ["code": "LATER", "message": "m"])
        #expect(error.code == .unknown("LATER"))
        #expect(error.payload["code"] == "LATER")
        for code in GatewayError.Code.allCases { #expect(GatewayError.Code(rawValue: code.rawValue) == code) }
    }

    // MARK: Events that are encoded once

    @Test func anEncodedEventIsTheSameAsTheFrame() throws {
        for sequence in [nil, 1, 40_000_000_000] as [Int64?] {
            for version in [nil, StateVersion(presence: 2, health: 9)] {
                let payload: JSONValue = ["text": "a \"quoted\" ä"]
                let event = EncodedEvent("health", payload: payload, stateVersion: version)
                let frame = GatewayFrame.event(
                    .init("health", payload: payload, sequence: sequence, stateVersion: version))
                #expect(event.encoded(sequence: sequence) == frame.encoded)
                #expect(try GatewayFrame.decode(event.encoded(sequence: sequence)) == frame)
            }
        }
    }
}
