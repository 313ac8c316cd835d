import AlulaAuth
import AlulaModels
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

/// What providers say about codes that people type on another device.
@Suite(.timeLimit(.minutes(1)))
struct DeviceAnswerTests {
    private static func answer(_ status: Int, _ text: String) -> TokenPost.Answer {
        TokenPost.Answer(status: status, bytes: Array(text.utf8), retryAfter: nil)
    }

    private static func failure<Value>(_ body: () throws(RenewalFailure) -> Value) -> RenewalFailure? {
        do throws(RenewalFailure) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (#""5""#, Duration.seconds(5)), ("7", .seconds(7)), ("0.5", .milliseconds(500)), ("0", .seconds(5)),
        ("-1", .seconds(5)), ("null", .seconds(5)), (#""soon""#, .seconds(5)), ("1e300", .seconds(3600)),
    ])
    func readsACodeToType(interval: String, expected: Duration) throws {
        for member in ["user_code", "usercode"] {
            let text = #"{"device_auth_id":"fake-attempt","\#(member)":"FAKE-1234","interval":\#(interval)}"#
            let code = try DeviceAnswerDecoder.code(Self.answer(200, text))
            #expect(code.text == "FAKE-1234")
            #expect(code.attempt.exposed == "fake-attempt")
            #expect(code.interval == expected)
        }
    }

    @Test(arguments: [
        (404, "", RenewalFailure.Code.unsupported), (200, "", .malformedAnswer), (200, "[]", .malformedAnswer),
        (200, #"{"device_auth_id":"fake-attempt"}"#, .malformedAnswer),
        (200, #"{"user_code":"FAKE-1234"}"#, .malformedAnswer),
        (200, #"{"device_auth_id":" ","user_code":"FAKE-1234"}"#, .malformedAnswer),
        (200, #"{"device_auth_id":"a","user_code":"fake code"}"#, .malformedAnswer),
        (200, #"{"device_auth_id":"a","user_code":"\u001b[2Jfake"}"#, .malformedAnswer),
        (200, #"{"device_auth_id":"a","user_code":"\#(String(repeating: "F", count: 33))"}"#, .malformedAnswer),
        (200, #"{"device_auth_id":"\#(String(repeating: "a", count: 1025))","user_code":"F"}"#, .malformedAnswer),
        (400, #"{"error":"invalid_client"}"#, .refused), (403, "<html>fake</html>", .malformedAnswer),
        (429, "", .unreachable), (503, "", .unreachable), (302, "", .malformedAnswer),
    ])
    func aCodeIsWholeOrNone(status: Int, body: String, expected: RenewalFailure.Code) {
        let failure = Self.failure { () throws(RenewalFailure) in
            try DeviceAnswerDecoder.code(Self.answer(status, body))
        }
        #expect(failure?.code == expected)
        #expect(failure?.message.lowercased().contains("fake") == false)
        #expect(failure?.message.contains("refresh") == false)
    }

    @Test func readsWhatCameOfIt() throws {
        let grant = try DeviceAnswerDecoder.grant(
            Self.answer(
                200, #"{"authorization_code":"fake-code","code_challenge":"c","code_verifier":"fake-verifier"}"#))
        #expect(grant?.code.exposed == "fake-code")
        #expect(grant?.verifier.exposed == "fake-verifier")
    }

    @Test(arguments: [
        (403, ""), (404, "{}"), (403, "<html>"), (403, #"{"error":{"code":"deviceauth_authorization_pending"}}"#),
        (404, #"{"error":"authorization_pending"}"#),
    ])
    func waitsWhileNobodyHasTypedIt(status: Int, body: String) throws {
        #expect(try DeviceAnswerDecoder.grant(Self.answer(status, body)) == nil)
    }

    @Test(arguments: [
        (403, #"{"error":"access_denied"}"#, RenewalFailure.Code.refused),
        (403, #"{"error":{"code":"expired_token"}}"#, .refused), (401, "", .refused),
        (200, "{}", .malformedAnswer), (200, #"{"authorization_code":"fake-code"}"#, .malformedAnswer),
        (200, #"{"authorization_code":"fake-code","code_verifier":""}"#, .malformedAnswer),
        (500, "", .unreachable), (429, "", .unreachable), (410, "", .malformedAnswer),
    ])
    func endsWhereNobodyWill(status: Int, body: String, expected: RenewalFailure.Code) {
        let failure = Self.failure { () throws(RenewalFailure) in
            try DeviceAnswerDecoder.grant(Self.answer(status, body))
        }
        #expect(failure?.code == expected)
        #expect(failure?.message.contains("fake") == false)
    }

    @Test func asksOverHTTP() async throws {
        let first = #"{"device_auth_id":"fake-attempt","user_code":"FAKE-1234","interval":"5"}"#
        let second = #"{"authorization_code":"fake-code","code_verifier":"fake-verifier"}"#
        let scripts = [first, second].map { text in
            [LoopbackUpstream.Step.write(LoopbackUpstream.answer("200 OK", "application/json", text))]
        }
        try await LoopbackUpstream.run(inTurn: scripts) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let server = "http://127.0.0.1:\(upstream.port)"
            let entry = DeviceAuthorizationEntry(
                codeURL: "\(server)/code", answerURL: "\(server)/answer", page: "https://a", redirect: "https://b")
            let endpoint = HTTPDeviceEndpoint(client: client)
            let code = try await endpoint.code(of: entry, clientID: "app", until: .after(.seconds(30)))
            let grant = try await endpoint.answer(to: code, of: entry, until: .after(.seconds(30)))
            #expect(grant?.code.exposed == "fake-code")
            #expect(upstream.requests.count == 2)
            #expect(upstream.requests.first?.hasPrefix("POST /code HTTP/1.1") == true)
            #expect(upstream.requests.first?.hasSuffix(#"{"client_id":"app"}"#) == true)
            #expect(
                upstream.requests.last?.hasSuffix(#"{"device_auth_id":"fake-attempt","user_code":"FAKE-1234"}"#) == true
            )
            await client.shutdown()
        }
    }
}
