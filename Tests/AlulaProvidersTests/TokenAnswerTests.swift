import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

/// What is asked of a token endpoint, and what its answers mean.
@Suite(.timeLimit(.minutes(1)))
struct TokenAnswerTests {
    private static func decode(
        _ status: Int, _ text: String, retryAfter: Duration? = nil
    ) throws(RenewalFailure) -> TokenGrant {
        try TokenAnswerDecoder.decode(status: status, Array(text.utf8), retryAfter: retryAfter)
    }

    private static func code(_ status: Int, _ text: String) -> RenewalFailure.Code? {
        do throws(RenewalFailure) {
            _ = try decode(status, text)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func readsWhatWasGranted() throws {
        let grant = try Self.decode(
            200,
            #"{"access_token":"fake-a","refresh_token":"fake-r","id_token":"fake-i","expires_in":3600,"token_type":"Bearer"}"#
        )
        #expect(grant.access.exposed == "fake-a")
        #expect(grant.refresh?.exposed == "fake-r")
        #expect(grant.idToken?.exposed == "fake-i")
        #expect(grant.lifetime == .seconds(3600))
    }

    /// What is granted must not get lost over a detail.
    @Test(arguments: [
        (#"3600"#, Duration.seconds(3600) as Duration?), (#""3600""#, .seconds(3600)), (#"0.5"#, .milliseconds(500)),
        (#"0"#, nil), (#"-5"#, nil), (#"null"#, nil), (#""soon""#, nil), (#"{}"#, nil),
        (#"1e300"#, .seconds(10 * 365 * 24 * 3600)),
    ])
    func readsLifetimesAsFarAsTheyAreSome(text: String, expected: Duration?) throws {
        let grant = try Self.decode(200, #"{"access_token":"fake-a","expires_in":\#(text)}"#)
        #expect(grant.lifetime == expected)
        #expect(grant.refresh == nil)
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_grant","error_description":"fake-secret"}"#, RenewalFailure.Code.refused),
        (400, #"{"error":{"code":"refresh_token_expired","message":"m"}}"#, .refused),
        (401, #"{"error":{"code":"refresh_token_reused","message":"m"}}"#, .reused),
        (400, #"{"error":"invalid_grant","error_description":"Refresh token has already been used."}"#, .reused),
        (
            403,
            #"{"error":{"message":"It has already been used to generate a new access token.","type":"invalid_request_error"}}"#,
            .reused
        ),
        (400, #"{"error":"invalid_request"}"#, .refused), (401, "", .refused), (401, "<html>", .refused),
        (403, "<html>Just a moment</html>", .malformedAnswer), (400, "no", .malformedAnswer),
        (403, #"{"error":"Fake Secret In Words"}"#, .malformedAnswer),
        (404, "{}", .malformedAnswer), (302, "", .malformedAnswer), (100, "", .malformedAnswer),
        (200, "", .malformedAnswer), (200, "[]", .malformedAnswer), (200, "{}", .malformedAnswer),
        (200, #"{"access_token":"  "}"#, .malformedAnswer), (200, #"{"access_token":7}"#, .malformedAnswer),
        (200, #"{"error":"invalid_grant"}"#, .refused), (429, "", .unreachable), (500, "<html>", .unreachable),
        (503, #"{"error":"temporarily_unavailable"}"#, .unreachable), (408, "", .unreachable),
        (500, #"{"error":"invalid_grant"}"#, .refused),
    ])
    func tellsFailuresApart(status: Int, body: String, expected: RenewalFailure.Code) {
        #expect(Self.code(status, body) == expected)
        do throws(RenewalFailure) { _ = try Self.decode(status, body) } catch {
            #expect(!error.message.lowercased().contains("fake"))
            #expect(!error.message.contains("html"))
        }
    }

    @Test func keepsTheWishForARest() {
        do throws(RenewalFailure) {
            _ = try Self.decode(429, "", retryAfter: .seconds(30))
            Issue.record("It was granted.")
        } catch { #expect(error.retryAfter == .seconds(30)) }
    }

    @Test func asksInTheProvidersFormat() {
        func body(_ format: TokenEndpointEntry.Format, scope: String? = nil) -> String {
            let members = HTTPTokenEndpoint.members(
                of: TokenRequest(
                    endpoint: TokenEndpointEntry(url: "https://a", format: format, scope: scope),
                    clientID: "app 1&x", refresh: Secret(" fake+/=ü\n")))
            let (type, bytes) = TokenPost.written(members, as: format)
            return type + " " + String(decoding: bytes, as: UTF8.self)
        }
        #expect(
            body(.form)
                == "application/x-www-form-urlencoded grant_type=refresh_token&refresh_token=fake%2B%2F%3D%C3%BC"
                + "&client_id=app%201%26x")
        #expect(
            body(.json, scope: "openid email")
                == #"application/json {"grant_type":"refresh_token","refresh_token":"fake+/=ü","client_id":"app 1&x","scope":"openid email"}"#
        )
    }

    @Test func redeemsACodeInTheStandardsFormat() {
        let members = HTTPTokenEndpoint.members(
            of: CodeRequest(
                endpoint: TokenEndpointEntry(url: "https://a", format: .json), clientID: "app 1",
                code: Secret("fake+code/="), verifier: Secret("fake-verifier"),
                redirect: "http://localhost:1455/auth/callback"))
        let (type, bytes) = TokenPost.written(members, as: .form)
        #expect(type == "application/x-www-form-urlencoded")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "grant_type=authorization_code&code=fake%2Bcode%2F%3D"
                + "&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback&client_id=app%201"
                + "&code_verifier=fake-verifier")
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_grant","error_description":"fake-code"}"#, RenewalFailure.Code.refused),
        (
            400,
            #"{"error":"invalid_grant","error_description":"It has already been used to generate a new access token"}"#,
            .refused
        ),
        (401, "", .refused), (403, "<html>", .malformedAnswer), (200, "{}", .malformedAnswer), (500, "", .unreachable),
    ])
    func aRefusedCodeIsCalledOne(status: Int, body: String, expected: RenewalFailure.Code) {
        do throws(RenewalFailure) {
            _ = try TokenAnswerDecoder.decode(status: status, Array(body.utf8), for: .code)
            Issue.record("It was granted.")
        } catch {
            #expect(error.code == expected)
            #expect(!error.message.contains("fake"))
            #expect(!error.message.contains("refresh"))
        }
    }

    // MARK: Over a socket

    private static func exchange(
        _ steps: [LoopbackUpstream.Step], within limit: Duration = .seconds(30)
    ) async throws -> (TokenGrant?, RenewalFailure?, [String]) {
        var result: (TokenGrant?, RenewalFailure?, [String]) = (nil, nil, [])
        try await LoopbackUpstream.run(steps) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let request = TokenRequest(
                endpoint: TokenEndpointEntry(url: "http://127.0.0.1:\(upstream.port)/token"), clientID: "app",
                refresh: Secret("fake-refresh"))
            do {
                result.0 = try await HTTPTokenEndpoint(client: client).exchange(request, until: .after(limit))
            } catch let failure as RenewalFailure { result.1 = failure }
            result.2 = upstream.requests
            await client.shutdown()
        }
        return result
    }

    @Test func exchangesOverHTTP() async throws {
        let body = #"{"access_token":"fake-new","expires_in":60}"#
        let (grant, _, requests) = try await Self.exchange([
            .write(LoopbackUpstream.answer("200 OK", "application/json", body))
        ])
        #expect(grant?.access.exposed == "fake-new")
        #expect(requests.count == 1)
        #expect(requests.first?.hasPrefix("POST /token HTTP/1.1") == true)
        #expect(requests.first?.hasSuffix("&client_id=app") == true)
    }

    /// A redirect would carry the token to somebody else.
    @Test func followsNoRedirect() async throws {
        let (_, failure, requests) = try await Self.exchange([
            .write(
                LoopbackUpstream.answer("307 Temporary Redirect", "text/plain", "", headers: ["Location: /elsewhere"]))
        ])
        #expect(failure?.code == .malformedAnswer)
        #expect(requests.count == 1)
    }

    @Test func whatGoesWrongOnTheWayMayPass() async throws {
        for steps in [
            [LoopbackUpstream.Step.reset], [.close],
            [.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 9".utf8)), .close],
        ] {
            let (_, failure, requests) = try await Self.exchange(steps)
            #expect(failure?.code == .unreachable)
            // Nobody knows whether the token was taken, so it isn't sent again by itself.
            #expect(requests.count == 1)
        }
        let silent = try await Self.exchange([], within: .milliseconds(200)).1
        #expect(silent?.code == .unreachable)
        let huge = LoopbackUpstream.answer("200 OK", "application/json", String(repeating: " ", count: 70_000))
        #expect(try await Self.exchange([.write(huge)]).1?.code == .unreachable)
    }

    @Test func redeemsOverHTTP() async throws {
        let body = #"{"access_token":"fake-new","refresh_token":"fake-refresh","expires_in":60}"#
        let answer = LoopbackUpstream.answer("200 OK", "application/json", body)
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let grant = try await HTTPTokenEndpoint(client: client).redeem(
                CodeRequest(
                    endpoint: TokenEndpointEntry(url: "http://127.0.0.1:\(upstream.port)/token"), clientID: "app",
                    code: Secret("fake-code"), verifier: Secret("fake-verifier"), redirect: "http://localhost:1/x"),
                until: .after(.seconds(30)))
            #expect(grant.refresh?.exposed == "fake-refresh")
            #expect(upstream.requests.first?.hasSuffix("&code_verifier=fake-verifier") == true)
            await client.shutdown()
        }
    }
}
