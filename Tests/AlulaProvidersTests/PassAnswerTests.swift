import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaTestSupport
import NIOPosix
import Testing

@testable import AlulaProviders

/// What is asked of a provider that gives passes, and what its answers mean.
@Suite(.timeLimit(.minutes(1)))
struct PassAnswerTests {
    private static let stored = Secret("ghu_fakestored")

    private static func decode(_ status: Int, _ text: String, isLocal: Bool = false) -> Result<Pass, PassFailure> {
        let decoder = PassAnswerDecoder(isLocal: isLocal, stored: stored)
        return Result { () throws(PassFailure) in try decoder.decode(status: status, Array(text.utf8)) }
    }

    private static func failure(_ status: Int, _ text: String) -> PassFailure? {
        if case .failure(let failure) = decode(status, text) { failure } else { nil }
    }

    @Test func readsWhatGitHubGives() throws {
        let pass = try Self.decode(
            200,
            #"{"token":"tid=fake;exp=1780001800;sku=free;proxy-ep=proxy.business.githubcopilot.com;8kp=1:fake","expires_at":1780001800,"#
                + #""refresh_in":1500,"endpoints":{"api":"https://api.individual.githubcopilot.com","proxy":"https://x"}}"#
        ).get()
        #expect(
            pass.token.exposed
                == "tid=fake;exp=1780001800;sku=free;proxy-ep=proxy.business.githubcopilot.com;8kp=1:fake")
        #expect(pass.end == Timestamp(milliseconds: 1_780_001_800_000))
        #expect(pass.refreshIn == .seconds(1500))
        #expect(pass.baseURL == "https://api.individual.githubcopilot.com")
    }

    @Test(arguments: [
        ("1780001800", 1_780_001_800_000 as Int64?), ("1780001800000", 1_780_001_800_000),
        (#""1780001800""#, 1_780_001_800_000), (#"" 1780001800.5 ""#, 1_780_001_800_500), ("0", nil), ("-1", nil),
        ("1e300", nil), ("null", nil), ("{}", nil), (#""soon""#, nil), (#""nan""#, nil), (#""inf""#, nil),
    ])
    func readsTheEndAsFarAsItIsOne(text: String, expected: Int64?) {
        let end = try? Self.decode(200, #"{"token":"fake","expires_at":\#(text)}"#).get().end
        #expect(end?.milliseconds == expected)
        #expect(
            expected != nil || Self.failure(200, #"{"token":"fake","expires_at":\#(text)}"#)?.reason == .unclassified)
    }

    @Test(arguments: [
        ("1500", Duration.seconds(1500) as Duration?), (#""1500""#, .seconds(1500)), ("1e300", .seconds(86_400)),
        ("0", nil), ("-7", nil), ("0.2", nil), ("null", nil), ("[]", nil), (#""x""#, nil),
    ])
    func aDetailThatIsNoneCostsNoPass(text: String, expected: Duration?) throws {
        let pass = try Self.decode(200, #"{"token":"fake","expires_at":1780001800,"refresh_in":\#(text)}"#).get()
        #expect(pass.refreshIn == expected)
        #expect(pass.baseURL == nil)
    }

    /// An account's calls go where the provider says, if that is a place where a token may go.
    @Test(
        arguments: [
            ("t;proxy-ep=proxy.individual.githubcopilot.com;x=1", "", "https://api.individual.githubcopilot.com"),
            ("t;proxy-ep=https://proxy.a.example", "", "https://api.a.example"),
            ("t;proxy-ep=http://proxy.a.example:8443;", "", "https://api.a.example:8443"),
            ("proxy-ep=copilot.a.example", "", "https://copilot.a.example"), ("t;xproxy-ep=proxy.a.example", "", nil),
            ("t;proxy-ep=;", "", nil), ("t;proxy-ep=javascript:alert(1);", "", nil),
            ("t;proxy-ep=proxy.a.example@b.example;", "", nil), ("t;proxy-ep=-a.example;", "", nil),
            ("t", "https://api.a.example/", "https://api.a.example"),
            ("t;proxy-ep=proxy.b.example", "https://api.a.example", "https://api.a.example"),
            ("t;proxy-ep=proxy.b.example", "http://api.a.example", "https://api.b.example"),
            ("t", "http://127.0.0.1:80", nil), ("t", "https://user:word@a.example", nil), ("t", "https://", nil),
            ("t", "https://a.example/x", "https://a.example/x"), ("t", "https://a.example/x y", nil),
            ("t", "https://a.example?x", nil), ("t", "https://a.example/#x", nil),
            ("t", "https://a.example/\u{00e4}", nil), ("t", "file:///etc/passwd", nil),
        ] as [(String, String, String?)])
    func whereTheAPIIs(token: String, api: String, expected: String?) throws {
        let text = #"{"token":"\#(token)","expires_at":1780001800,"endpoints":{"api":"\#(api)"}}"#
        #expect(try Self.decode(200, text).get().baseURL == expected)
    }

    @Test func aServerOfThisMachineMayNameItself() throws {
        let text = #"{"token":"t","expires_at":1780001800,"endpoints":{"api":"http://127.0.0.1:81/copilot"}}"#
        #expect(try Self.decode(200, text, isLocal: true).get().baseURL == "http://127.0.0.1:81/copilot")
        let elsewhere = #"{"token":"t","expires_at":1780001800,"endpoints":{"api":"http://a.example:81"}}"#
        #expect(try Self.decode(200, elsewhere, isLocal: true).get().baseURL == nil)
    }

    @Test(arguments: [
        (401, #"{"message":"Bad credentials","status":"401"}"#, FailureReason.auth, "Bad credentials (401)"),
        (
            403,
            #"{"error_details":{"message":"No access to GitHub Copilot found. You are logged in as me.","#
                + #""notification_id":"no_copilot_access"},"message":"Resource not accessible by integration"}"#,
            .billing,
            "No access to GitHub Copilot found. You are logged in as me. (403)"
        ),
        (
            403, #"{"error_details":{"notification_id":"subscription_ended","message":"It has ended."}}"#, .billing,
            "ended"
        ),
        (403, #"{"message":"Your subscription has expired"}"#, .billing, "expired"),
        (403, #"{"message":"API rate limit exceeded for user"}"#, .rateLimit, "rate limit"),
        (403, #"{"message":"Resource not accessible by personal access token"}"#, .auth, "personal access token"),
        (403, "<html>Just a moment</html>", .auth, "answered with status 403"), (401, "", .auth, "status 401"),
        (402, "{}", .billing, "status 402"), (404, #"{"message":"Not Found"}"#, .authPermanent, "Not Found (404)"),
        (429, "", .rateLimit, "429"), (500, "<html>", .timeout, "500"), (503, "", .timeout, "503"),
        (408, "", .timeout, "408"), (302, "", .noErrorDetails, "302"), (100, "", .noErrorDetails, "100"),
        (200, "", .unclassified, "no JSON object"), (200, "[]", .unclassified, "no JSON object"),
        (200, "{}", .unclassified, "no token"), (200, #"{"token":""}"#, .unclassified, "no token"),
        (200, #"{"token":7,"expires_at":1}"#, .unclassified, "no token"),
        (200, #"{"token":"a b","expires_at":1780001800}"#, .unclassified, "no token"),
        (200, #"{"token":"a\r\nx: y","expires_at":1780001800}"#, .unclassified, "no token"),
        (200, #"{"token":"a"}"#, .unclassified, "when its token ends"),
        (200, #"{"token":null,"message":"Your subscription has ended"}"#, .billing, "has ended"),
        (200, #"{"error_details":{"message":"No access to GitHub Copilot found"}}"#, .billing, "No access"),
    ])
    func tellsFailuresApart(status: Int, body: String, reason: FailureReason, words: String) throws {
        let failure = try #require(Self.failure(status, body))
        #expect(failure.reason == reason)
        #expect(failure.message.contains(words), "\(failure.message)")
        #expect(!failure.message.contains("html"))
    }

    @Test func repeatsNoSecretAndNoLineEnds() throws {
        let long = String(repeating: "x", count: 1000)
        let failure = try #require(
            Self.failure(401, #"{"message":"ghu_fakestored\n\u001b[31mis bad \#(long)"}"#))
        #expect(!failure.message.contains("fakestored"))
        #expect(failure.message.contains("[secret] [31mis bad"))
        #expect(failure.message.count < 400)
        // Where the words are cut, and where something stands in the middle of it.
        for text in [
            String(repeating: "y", count: 290) + "ghu_fakestored", #"ghu_fake\u0007stored, ghu_\u202efakestored"#,
        ] {
            let message = try #require(Self.failure(401, #"{"message":"\#(text)"}"#)?.message)
            #expect(!message.contains("ghu_"), "\(message)")
        }
        let huge = String(repeating: "a", count: 16_385)
        #expect(Self.failure(200, #"{"token":"\#(huge)","expires_at":1780001800}"#)?.message.contains("aaa") == false)
    }

    // MARK: Over a socket

    private static func ask(
        _ steps: [LoopbackUpstream.Step], within limit: Duration = .seconds(30), by transport: CallTransport? = nil
    ) async throws -> (Pass?, PassFailure?, [String]) {
        var result: (Pass?, PassFailure?, [String]) = (nil, nil, [])
        try await LoopbackUpstream.run(steps) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let entry = PassEndpointEntry.gitHubCopilot(version: "1.2.3").played(
                by: try #require(LocalServer("http://127.0.0.1:\(upstream.port)")))
            do {
                result.0 = try await HTTPPassEndpoint(client: client, offloading: CountingOffload()).pass(
                    for: Secret(" ghu_fakestored\n"), at: entry, by: transport, until: .after(limit))
            } catch let failure as PassFailure { result.1 = failure }
            result.2 = upstream.requests
            await client.shutdown()
        }
        return result
    }

    @Test func asksOverHTTP() async throws {
        let body = #"{"token":"fake-pass","expires_at":1780001800,"refresh_in":1500}"#
        let (pass, _, requests) = try await Self.ask([
            .write(LoopbackUpstream.answer("200 OK", "application/json", body))
        ])
        #expect(pass?.token.exposed == "fake-pass")
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.hasPrefix("GET /copilot_internal/v2/token HTTP/1.1\r\n"))
        for header in [
            "authorization: token ghu_fakestored", "accept: application/json", "editor-version: alula/1.2.3",
            "copilot-integration-id: vscode-chat", "user-agent: alula",
        ] { #expect(request.lowercased().contains("\r\n\(header)\r\n"), "\(header)") }
        #expect(!request.lowercased().contains("content-length"))
        #expect(!request.lowercased().contains("transfer-encoding"))
    }

    /// A redirect would carry the token to somebody else.
    @Test func followsNoRedirect() async throws {
        let (_, failure, requests) = try await Self.ask([
            .write(
                LoopbackUpstream.answer("307 Temporary Redirect", "text/plain", "", headers: ["Location: /elsewhere"]))
        ])
        #expect(failure?.status == 307)
        #expect(requests.count == 1)
    }

    @Test func whatGoesWrongOnTheWayMayPass() async throws {
        for steps in [
            [LoopbackUpstream.Step.reset], [.close],
            [.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 9".utf8)), .close],
        ] {
            let failure = try await Self.ask(steps).1
            #expect(failure?.reason == .timeout)
            #expect(failure?.message.hasPrefix("No token could be asked for: ") == true)
        }
        #expect(try await Self.ask([], within: .milliseconds(200)).1?.reason == .timeout)
        let huge = LoopbackUpstream.answer("200 OK", "application/json", String(repeating: " ", count: 70_000))
        #expect(try await Self.ask([.write(huge)]).1 != nil)
    }

    @Test func aProxyThatCannotBeUsedIsNotGoneAround() async throws {
        var transport = CallTransport()
        transport.proxy = Secret("https://proxy.example:1")
        let (_, failure, requests) = try await Self.ask([], by: transport)
        #expect(failure != nil)
        #expect(requests == [])
    }

    // MARK: What calls tell of themselves

    @Test(
        arguments: [
            ([.user], "user"), ([.system, .user], "user"), ([.user, .assistant, .user], "user"),
            ([.user, .assistant, .tool], "agent"), ([.user, .assistant, .tool, .user], "agent"),
            ([.user, .assistant, .tool, .developer], "agent"), ([.user, .assistant, .tool, .assistant, .user], "user"),
            ([.user, .assistant], "agent"), ([], "user"), ([.system], "user"),
        ] as [([Message.Role], String)])
    func whomARequestGoesBy(roles: [Message.Role], expected: String) {
        let request = InferenceRequest(model: "m", messages: roles.map { Message($0, "x") }, dialect: .openAIChat)
        #expect(request.marks.map { "\($0.name)=\($0.value)" } == ["x-initiator=\(expected)"])
    }

    @Test func imagesAreTold() {
        let image = Message.Part.image(.init(.base64("AAAA"), mediaType: "image/png"))
        let result = Message.Part.toolResult(.init(callID: "c", parts: [image]))
        for message in [Message(.user, [.text("x"), image]), Message(.tool, [result])] {
            let request = InferenceRequest(model: "m", messages: [message], dialect: .openAIChat)
            #expect(request.marks.contains { $0.name == "copilot-vision-request" && $0.value == "true" })
        }
    }
}
