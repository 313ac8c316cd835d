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

    private static func said(_ grant: DeviceGrant?) -> String? {
        switch grant {
        case .code(let code, let verifier)?: "\(code.exposed) \(verifier.exposed)"
        case .token(let token)?: token.exposed
        case nil: nil
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
        #expect(Self.said(grant) == "fake-code fake-verifier")
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
                codeURL: "\(server)/code", answerURL: "\(server)/answer", page: "https://a",
                way: .redeemed(redirect: "https://b"))
            let endpoint = HTTPDeviceEndpoint(client: client)
            let code = try await endpoint.code(of: entry, clientID: "app", until: .after(.seconds(30)))
            let grant = try await endpoint.answer(to: code, of: entry, clientID: "app", until: .after(.seconds(30)))
            #expect(Self.said(grant) == "fake-code fake-verifier")
            #expect(upstream.requests.count == 2)
            #expect(upstream.requests.first?.hasPrefix("POST /code HTTP/1.1") == true)
            #expect(upstream.requests.first?.hasSuffix(#"{"client_id":"app"}"#) == true)
            #expect(
                upstream.requests.last?.hasSuffix(#"{"device_auth_id":"fake-attempt","user_code":"FAKE-1234"}"#) == true
            )
            await client.shutdown()
        }
    }

    // MARK: The standard's way

    @Test(arguments: [
        ("899", Duration.seconds(899) as Duration?), (#""900""#, .seconds(900)), ("null", nil), ("-1", nil),
    ])
    func readsTheStandardsCode(lifetime: String, expected: Duration?) throws {
        let text =
            #"{"device_code":"fake-attempt","user_code":"FAKE-1234","verification_uri":"https://elsewhere.example","#
            + #""expires_in":\#(lifetime),"interval":5}"#
        let code = try DeviceAnswerDecoder.code(Self.answer(200, text), attempt: "device_code")
        #expect(code.text == "FAKE-1234")
        #expect(code.attempt.exposed == "fake-attempt")
        #expect(code.interval == .seconds(5))
        #expect(code.lifetime == expected)
    }

    @Test func readsTheLoginItself() throws {
        let grant = try DeviceAnswerDecoder.standardGrant(
            Self.answer(200, #"{"access_token":"ghu_fake","token_type":"bearer","scope":""}"#))
        #expect(Self.said(grant) == "ghu_fake")
    }

    @Test(arguments: [200, 400]) func waitsInTheStandardsWords(status: Int) throws {
        let pending = #"{"error":"authorization_pending","error_description":"fake"}"#
        #expect(try DeviceAnswerDecoder.standardGrant(Self.answer(status, pending)) == nil)
        let slower = Self.failure { () throws(RenewalFailure) in
            try DeviceAnswerDecoder.standardGrant(Self.answer(status, #"{"error":"slow_down","interval":10}"#))
        }
        #expect(slower?.code == .unreachable)
        #expect(slower?.retryAfter == .seconds(10))
    }

    @Test(arguments: [
        (200, #"{"error":"access_denied"}"#, RenewalFailure.Code.refused),
        (200, #"{"error":"expired_token","error_description":"fake"}"#, .refused),
        (200, #"{"error":"device_flow_disabled"}"#, .refused), (400, #"{"error":"incorrect_device_code"}"#, .refused),
        (200, #"{"error":"Fake Words"}"#, .malformedAnswer), (200, "{}", .malformedAnswer), (200, "", .malformedAnswer),
        (200, #"{"access_token":" "}"#, .malformedAnswer), (200, #"{"access_token":7}"#, .malformedAnswer),
        (200, #"{"access_token":"fake\r\nx"}"#, .malformedAnswer), (404, "", .malformedAnswer),
        (429, "", .unreachable), (500, #"{"error":"server_error"}"#, .unreachable), (503, "<html>fake", .unreachable),
    ])
    func endsInTheStandardsWords(status: Int, body: String, expected: RenewalFailure.Code) {
        let failure = Self.failure { () throws(RenewalFailure) in
            try DeviceAnswerDecoder.standardGrant(Self.answer(status, body))
        }
        #expect(failure?.code == expected)
        #expect(failure?.message.lowercased().contains("fake") == false)
    }

    @Test func asksInTheStandardsWay() async throws {
        let first = #"{"device_code":"fake-attempt","user_code":"FAKE-1234","expires_in":899,"interval":5}"#
        let scripts = [first, #"{"access_token":"ghu_fake"}"#].map { text in
            [LoopbackUpstream.Step.write(LoopbackUpstream.answer("200 OK", "application/json", text))]
        }
        try await LoopbackUpstream.run(inTurn: scripts) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let server = "http://127.0.0.1:\(upstream.port)"
            let entry = DeviceAuthorizationEntry(
                codeURL: "\(server)/code", answerURL: "\(server)/answer", page: "https://a",
                way: .standard(scope: "read:user"))
            let endpoint = HTTPDeviceEndpoint(client: client)
            let code = try await endpoint.code(of: entry, clientID: "app", until: .after(.seconds(30)))
            let grant = try await endpoint.answer(to: code, of: entry, clientID: "app", until: .after(.seconds(30)))
            #expect(Self.said(grant) == "ghu_fake")
            #expect(upstream.requests.first?.hasSuffix("\r\n\r\nclient_id=app&scope=read%3Auser") == true)
            #expect(upstream.requests.first?.lowercased().contains("\r\naccept: application/json\r\n") == true)
            #expect(
                upstream.requests.last?.hasSuffix(
                    "\r\n\r\nclient_id=app&device_code=fake-attempt"
                        + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code") == true)
            await client.shutdown()
        }
    }
}
