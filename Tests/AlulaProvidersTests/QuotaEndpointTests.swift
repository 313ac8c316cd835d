import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

/// Quotas over a socket: what is sent, and what goes wrong on the way.
@Suite(.timeLimit(.minutes(1)))
struct QuotaEndpointTests {
    private struct Outcome {
        var quota: ProviderQuota?
        var failure: String?
        var requests: [String] = []
    }

    private static let secret = "fake-CANARY-token"

    private static func ask(
        _ format: QuotaEntry.Format, _ scripts: [[LoopbackUpstream.Step]],
        login: FixedLogin = FixedLogin(secret: secret), within limit: Duration = .seconds(30)
    ) async throws -> Outcome {
        var outcome = Outcome()
        try await LoopbackUpstream.run(inTurn: scripts) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let endpoint = HTTPQuotaEndpoint(client: client, logins: login, offloading: CountingOffload())
            let question = QuotaQuestion(
                "lab", as: format, at: "http://127.0.0.1:\(upstream.port)/quota", for: .main,
                through: .profile("lab:me"))
            do {
                outcome.quota = try await endpoint.quota(question, until: .after(limit))
            } catch let failure as AttemptFailure { outcome.failure = failure.message }
            outcome.requests = upstream.requests
            await client.shutdown()
        }
        #expect(outcome.failure?.contains("CANARY") != true)
        return outcome
    }

    private static func answer(_ body: String, status: String = "200 OK") -> [LoopbackUpstream.Step] {
        [.write(LoopbackUpstream.answer(status, "application/json", body))]
    }

    private static let plan = #"{"copilot_plan":"pro"}"#

    @Test(arguments: [
        (
            QuotaEntry.Format.anthropicAccount, #"{"five_hour":{"utilization":1}}"#,
            ["authorization: bearer \(secret)", "anthropic-beta: oauth-2025-04-20", "anthropic-version: 2023-06-01"]
        ),
        (.chatGPTAccount, #"{"plan_type":"plus"}"#, ["authorization: bearer \(secret)", "originator: alula"]),
        (.githubCopilot, plan, ["authorization: token \(secret)", "x-github-api-version: 2025-04-01"]),
        (.zai, #"{"data":{"level":"pro"}}"#, ["authorization: bearer \(secret)"]),
    ])
    func asksInTheProvidersFormat(format: QuotaEntry.Format, body: String, lines: [String]) async throws {
        // What a configuration adds to requests to models stays out.
        let login = FixedLogin(secret: Self.secret, headers: [(name: "x-team", value: Secret("fake-team"))])
        let outcome = try await Self.ask(format, [Self.answer(body)], login: login)
        #expect(outcome.quota != nil)
        let request = try #require(outcome.requests.first)
        #expect(request.hasPrefix("GET /quota HTTP/1.1\r\n") && request.hasSuffix("\r\n\r\n"))
        let sent = request.lowercased().split(separator: "\r\n")
        for line in lines + ["accept: application/json", "user-agent: alula"] {
            #expect(sent.contains { $0 == line.lowercased() }, "\(line)")
        }
        #expect(!sent.contains { $0.hasPrefix("x-team") || $0.hasPrefix("content-") || $0.hasPrefix("transfer-") })
    }

    @Test func namesTheAccountThatIsMeant() {
        let login = OpenedLogin(secret: Secret("fake"), account: "acct_1")
        let headers = HTTPQuotaEndpoint.headers(login, .chatGPTAccount)
        #expect(headers.contains { $0.name == "chatgpt-account-id" && $0.value == "acct_1" })
        for format in QuotaEntry.Format.allCases where format != .chatGPTAccount {
            #expect(!HTTPQuotaEndpoint.headers(login, format).contains { $0.value == "acct_1" })
        }
    }

    /// A token that is refused is renewed once, and so is a request for a model.
    @Test func aRefusedLoginIsRenewedOnce() async throws {
        let refusal = Self.answer(#"{"error":"CANARY"}"#, status: "401 Unauthorized")
        var login = FixedLogin(secret: Self.secret, next: "fake-CANARY-next")
        let renewed = try await Self.ask(.githubCopilot, [refusal, Self.answer(Self.plan)], login: login)
        #expect(renewed.quota?.plan == "pro")
        #expect(renewed.requests.count == 2)
        #expect(renewed.requests.last?.hasPrefix("GET ") == true)
        #expect(renewed.requests.last?.contains("token fake-CANARY-next") == true)
        let refused = try await Self.ask(.githubCopilot, [refusal], login: login)
        #expect(refused.failure == "The provider does not take the login any more (401).")
        #expect(refused.requests.count == 2)
        login.failsToRenew = true
        let stuck = try await Self.ask(.githubCopilot, [refusal], login: login)
        #expect(stuck.failure == "The provider does not take the login any more (401).")
        #expect(stuck.requests.count == 1)
    }

    @Test func aProviderThatRepeatsTheLoginShowsNothingOfIt() async throws {
        for secret in [Self.secret, "fake-CANARY-next"] {
            let login = FixedLogin(secret: Self.secret, next: "fake-CANARY-next")
            let refusal = Self.answer("{}", status: "401 Unauthorized")
            let body = Self.answer(#"{"copilot_plan":"of \#(secret)"}"#)
            let outcome = try await Self.ask(.githubCopilot, [refusal, body], login: login)
            let plan = try #require(outcome.quota?.plan)
            #expect(plan.hasPrefix("of ") && !plan.contains("CANARY"))
        }
    }

    /// A redirect would carry the login to somebody else.
    @Test func followsNoRedirect() async throws {
        let elsewhere = LoopbackUpstream.answer("302 Found", "text/html", "CANARY", headers: ["Location: /elsewhere"])
        let outcome = try await Self.ask(.zai, [[.write(elsewhere)]])
        #expect(outcome.failure?.contains("(302)") == true)
        #expect(outcome.requests.count == 1)
    }

    @Test func whatGoesWrongIsToldInPlainWords() async throws {
        let page = LoopbackUpstream.answer("200 OK", "text/html", "<html>CANARY</html>")
        let huge = LoopbackUpstream.answer("200 OK", "application/json", String(repeating: " ", count: 70_000) + "{}")
        let cases: [([LoopbackUpstream.Step], String)] = [
            // Where exactly a connection breaks is told in the client's words for requests.
            ([.reset], "provider"), ([.close], "provider"), ([.write(page)], "no JSON object"),
            ([.write(huge)], "larger than"),
            (Self.answer("CANARY", status: "503 Service Unavailable"), "trouble saying its quota (503)"),
            (Self.answer(#"{"message":"CANARY"}"#, status: "403 Forbidden"), "does not tell this login its quota"),
            ([.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".utf8)), .close], "provider"),
            ([.write(Array("CANARY\r\n\r\n".utf8)), .close], "no HTTP"),
        ]
        for (steps, words) in cases {
            let failure = try await Self.ask(.githubCopilot, [steps]).failure
            #expect(failure?.contains(words) == true, "\(failure ?? "none"), not \(words)")
        }
    }

    /// Neither silence nor an answer that trickles is waited for longer than somebody waits.
    @Test func anAnswerHasToBeThereInTime() async throws {
        let beginning = Array("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{".utf8)
        for steps in [[], [LoopbackUpstream.Step.write(beginning)]] {
            let outcome = try await Self.ask(.zai, [steps], within: .milliseconds(300))
            #expect(outcome.failure == "The provider did not say its quota in time.")
        }
    }

    @Test func aLoginWithoutASecretIsNotShown() async throws {
        struct Nothing: LoginOpening {
            func open(_ target: CallTarget) async throws -> OpenedLogin { OpenedLogin(secret: nil) }
        }
        try await LoopbackUpstream.run(Self.answer(Self.plan)) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let endpoint = HTTPQuotaEndpoint(client: client, logins: Nothing(), offloading: CountingOffload())
            let question = QuotaQuestion(
                "lab", as: .zai, at: "http://127.0.0.1:\(upstream.port)/", for: .main, through: .configuredKey)
            await #expect(throws: AttemptFailure.self) {
                try await endpoint.quota(question, until: .after(.seconds(30)))
            }
            #expect(upstream.requests.isEmpty)
            await client.shutdown()
        }
    }
}
