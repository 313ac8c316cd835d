import AlulaInference
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

/// What is peculiar to `anthropic-messages`; what all kinds of API do is in ``ProviderContractTests``.
@Suite(.timeLimit(.minutes(2)))
struct AnthropicMessagesTests {
    private static let kind = SpokenKind.all[1]

    private static func provider(_ client: UpstreamClient, _ login: FixedLogin = FixedLogin())
        -> AnthropicMessagesProvider
    {
        AnthropicMessagesProvider(client: client, logins: login, offloading: CountingOffload())
    }

    /// The head of the one request that is made, in lower case.
    private static func head(_ login: FixedLogin, features: [String] = [], dialect: Dialect = .anthropicMessages)
        async throws
        -> String
    {
        var head = ""
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("x", true))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let call = ProviderCall.call(upstream.baseURL, dialect: dialect) { $0.features = features }
            _ = try await provider(client, login).answer(call)
            await client.shutdown()
            head = upstream.requests.first.map { String($0.prefix { $0 != "{" }).lowercased() } ?? ""
        }
        return head
    }

    @Test func keysAndTokensOfAccountsComeInTheirOwnHeaders() async throws {
        let key = try await Self.head(FixedLogin())
        #expect(key.contains("x-api-key: \(FixedLogin.key)\r\n"))
        #expect(key.contains("anthropic-version: 2023-06-01\r\n"))
        #expect(!key.contains("authorization:") && !key.contains("anthropic-beta:"))
        let beta = "anthropic-beta: claude-code-20250219,oauth-2025-04-20\r\n"
        for login in [FixedLogin(form: .account), FixedLogin(secret: "sk-ant-oat01-fake-setup-token")] {
            let account = try await Self.head(login)
            #expect(account.contains("authorization: bearer \(login.secret)\r\n"))
            #expect(account.contains(beta))
            #expect(!account.contains("x-api-key"))
        }
        let bearer = try await Self.head(FixedLogin(form: .bearer))
        #expect(bearer.contains("authorization: bearer \(FixedLogin.key)\r\n"))
        #expect(!bearer.contains("x-api-key") && !bearer.contains("anthropic-beta"))
        let configured = [(name: "x-api-key", value: Secret("fake-other"))]
        #expect(try await Self.head(FixedLogin(headers: configured)).contains("x-api-key: fake-other\r\n"))
    }

    @Test func trialFeaturesGoToTheirOwnDialectOnly() async throws {
        let own = try await Self.head(FixedLogin(form: .account), features: ["oauth-2025-04-20", "context-1m"])
        #expect(own.contains("anthropic-beta: oauth-2025-04-20,context-1m,claude-code-20250219\r\n"))
        let foreign = try await Self.head(FixedLogin(), features: ["context-1m"], dialect: .openAIChat)
        #expect(!foreign.contains("context-1m"))
    }

    @Test func anAnswerWithoutMessageStopIsBroken() async throws {
        let body = Self.kind.stream("Hi").replacing(
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", with: "")
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(Array(body.utf8)), .close]) {
            upstream in
            let outcome = await ProviderCall.ask(Self.kind, upstream.baseURL)
            #expect(outcome.text == "Hi")
            #expect(outcome.failure != nil)
        }
    }

    /// A server may keep the connection open behind the end.
    @Test(.bug(id: "B97")) func theEndOfAMessageEndsTheReading() async throws {
        let body = Array(Self.kind.stream("Hi").utf8)
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(body)]) { upstream in
            let outcome = await ProviderCall.ask(Self.kind, upstream.baseURL)
            #expect(outcome.text == "Hi")
            #expect(outcome.failure == nil)
        }
    }

    // MARK: Counting

    private static func count(_ status: String, _ body: String) async throws -> (Int?, AttemptFailure?, String) {
        var result: (Int?, AttemptFailure?, String) = (nil, nil, "")
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer(status, "application/json", body))]) {
            upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let call = ProviderCall.call(upstream.baseURL, dialect: .anthropicMessages) {
                $0.sampling.temperature = 0.5
                $0.sampling.maximumOutputTokens = 7
                $0.user = "ann"
            }
            do {
                result.0 = try await provider(client).countTokens(call)
            } catch let failure as AttemptFailure {
                result.1 = failure
            }
            await client.shutdown()
            result.2 = upstream.requests.first ?? ""
        }
        return result
    }

    @Test func asksForTheNumberOfTokens() async throws {
        let (count, _, request) = try await Self.count("200 OK", #"{"input_tokens":4711}"#)
        #expect(count == 4711)
        #expect(request.hasPrefix("POST /v1/messages/count_tokens HTTP/1.1"))
        #expect(request.hasSuffix(#"{"model":"small","messages":[{"role":"user","content":"Hi"}]}"#))
        for (status, body) in [
            ("404 Not Found", "{}"), ("200 OK", "{}"), ("200 OK", #"{"input_tokens":-1}"#), ("200 OK", "nonsense"),
        ] {
            let (count, failure, _) = try await Self.count(status, body)
            #expect(count == nil && failure != nil, "\(status) \(body)")
        }
    }

    @Test func basesMayEndInASlashOrAVersionOrHaveThePath() {
        for base in ["http://a", "http://a/", " http://a/v1/ ", "http://a/v1/messages", "http://a/v1"] {
            #expect(AnthropicMessagesProvider.url(base) == "http://a/v1/messages", "\(base)")
        }
        #expect(AnthropicMessagesProvider.url("https://k.example/coding/") == "https://k.example/coding/v1/messages")
    }
}
