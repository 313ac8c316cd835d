import AlulaJSON
import Testing

@testable import AlulaProtocol

struct GatewayFrameTests {
    @Test(arguments: [
        GatewayFrame.request(.init(id: "7", method: "status")),
        .response(.init(id: "7", .success(["a": 1]))),
        .response(
            .init(
                id: "8",
                .failure(
                    GatewayError(
                        .unavailable, "busy", details: ["x": 1], isRetryable: true, retryAfter: .milliseconds(500)),
                    payload: ["status": "error"]))),
        .event(.init("tick", payload: ["ts": 1], sequence: 3)),
        .event(.init("health", payload: [:], sequence: 1, stateVersion: StateVersion(presence: 3, health: 8))),
    ])
    func survivesTheWire(frame: GatewayFrame) throws {
        #expect(try GatewayFrame.decode(frame.encoded) == frame)
    }

    @Test(arguments: GatewayError.Code.allCases + [.unknown("LATER")])
    func keepsEveryErrorCode(code: GatewayError.Code) {
        #expect(GatewayError.Code(rawValue: code.rawValue) == code)
    }

    @Test func takesMissingParametersAsNone() throws {
        for text in [#"{"type":"req","id":"1","method":"m"}"#, #"{"type":"req","id":"1","method":"m","params":null}"#] {
            #expect(try GatewayFrame.decodeRequest(Array(text.utf8)).parameters == [:])
        }
    }

    @Test func refusesUnknownMembersOfARequest() {
        #expect {
            try GatewayFrame.decodeRequest(Array(#"{"type":"req","id":"5","method":"m","x":1}"#.utf8))
        } throws: { error in
            let error = error as? FrameError
            return error?.code == .notFrame && error?.id == "5" && error?.message == "at root: unexpected property 'x'"
        }
    }

    @Test func refusesDeepNestingWithoutHarm() {
        let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect { try GatewayFrame.decodeRequest(bytes) } throws: { ($0 as? FrameError)?.code == .notJSON }
    }

    @Test func encodesAnEventForManyAsForOne() throws {
        let version = StateVersion(presence: 1, health: 2)
        let many = EncodedEvent("health", payload: ["ok": true], stateVersion: version).encoded(sequence: 4)
        #expect(
            try GatewayFrame.decode(many)
                == .event(.init("health", payload: ["ok": true], sequence: 4, stateVersion: version)))
    }
}
