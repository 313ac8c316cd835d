import AlulaAuth
import AlulaModels
import AlulaPrimitives
import AlulaProviders
import NIOCore
import NIOPosix
import Testing

@testable import AlulaGateway

/// Which way there is to sign in, and what becomes of it. The whole way is with the built program: `SignInEndToEndTests`.
@Suite(.timeLimit(.minutes(1)))
struct SignInDeskTests {
    private static let now = Timestamp(milliseconds: 1_780_000_000_000)

    private static func desk(_ variables: [String: String], table: AuthorizationTable = .builtIn) -> SignInDesk {
        SignInDesk(variables: variables, table: table, now: { now })
    }

    /// A provider that nobody plays: its address is a port that nobody listens at.
    private static let deadServer = [SignInDesk.serverVariable: "http://127.0.0.1:1"]

    private static func browser(_ desk: SignInDesk, _ provider: ProviderID) async throws -> BrowserSignIn {
        guard case .browser(let attempt) = try await desk.begin(provider) else {
            throw SignInFailure(.cannotListen, "There is no browser for \(provider).")
        }
        return attempt
    }

    @Test func signsInToAccounts() async throws {
        let attempt = try await Self.browser(Self.desk(Self.deadServer), "openai-codex")
        #expect(attempt.obstacle == nil)
        #expect(attempt.url.hasPrefix("http://127.0.0.1:1/oauth/authorize?response_type=code&client_id=app_EMoam"))
        #expect(attempt.url.contains("scope=openid%20profile%20email%20offline_access"))
        #expect(attempt.url.contains("&id_token_add_organizations=true&codex_cli_simplified_flow=true&"))
        #expect(attempt.url.contains("&originator=alula&"))
        await attempt.end()
    }

    @Test func eachAttemptIsAnotherOne() async throws {
        let desk = Self.desk(Self.deadServer)
        let (first, second) = (
            try await Self.browser(desk, "openai-codex"), try await Self.browser(desk, "openai-codex")
        )
        #expect(first.url != second.url)
        let answer = first.url.split(separator: "&").first { $0.hasPrefix("state=") } ?? ""
        guard case .code = first.judge(pasted: "code=fake-code&\(answer)"),
            case .foreign(.otherState) = second.judge(pasted: "code=fake-code&\(answer)")
        else {
            Issue.record("An answer to one attempt is one to another.")
            return
        }
        await first.end()
        await second.end()
    }

    @Test func anApplicationHasToBeRegistered() async throws {
        for variables in [[:], ["CHUTES_CLIENT_ID": "  "]] as [[String: String]] {
            guard case .needsClient("CHUTES_CLIENT_ID") = try await Self.desk(variables).begin("chutes") else {
                Issue.record("Chutes was asked in nobody's name.")
                return
            }
        }
        let variables = Self.deadServer.merging(["CHUTES_CLIENT_ID": " cid_fake "]) { $1 }
        let attempt = try await Self.browser(Self.desk(variables), "chutes")
        #expect(attempt.url.contains("client_id=cid_fake&"))
        await attempt.end()
    }

    @Test(arguments: ["openai", "groq", "anthropic", "nobody"] as [ProviderID])
    func othersHaveNoSuchWay(provider: ProviderID) async throws {
        guard case .none = try await Self.desk([:]).begin(provider) else {
            Issue.record("One can sign in to \(provider).")
            return
        }
    }

    @Test func copilotIsSignedInToWithACodeAlone() async throws {
        guard case .onDevice = try await Self.desk([:]).begin("github-copilot") else {
            Issue.record("It has another way.")
            return
        }
        // Nobody is there.
        let failure = await #expect(throws: RenewalFailure.self) {
            _ = try await Self.desk(Self.deadServer).beginOnDevice("github-copilot", until: .after(.seconds(30)))
        }
        #expect(failure?.code == .unreachable)
    }

    /// No setting may send people elsewhere to sign in.
    @Test func onlyThisMachinePlaysProviders() async {
        do {
            _ = try await Self.desk([SignInDesk.serverVariable: "https://sign.example"]).begin("openai-codex")
            Issue.record("A stranger plays OpenAI.")
        } catch let failure as SignInFailure {
            #expect(failure.code == .unusableServer)
        } catch { Issue.record(error) }
    }

    @Test func aTakenPortLeavesPasting() async throws {
        let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(other.localAddress?.port)
        let table = AuthorizationTable([
            "fake": AuthorizationEntry(
                url: "https://sign.example/in",
                redirect: LoopbackRedirect(host: "localhost", port: port, path: "/back"),
                scopes: [], tokenEndpoint: TokenEndpointEntry(url: "http://127.0.0.1:1/token", clientID: "app"))
        ])
        let attempt = try await Self.browser(Self.desk([:], table: table), "fake")
        #expect(attempt.obstacle?.code == .portTaken)
        #expect(attempt.url.contains("redirect_uri=http%3A%2F%2Flocalhost%3A\(port)%2Fback&"))
        let answer = try await attempt.answer(until: .after(.seconds(30)))
        #expect(answer == nil)
        guard case .code = attempt.judge(pasted: "fake-code-that-is-long") else {
            Issue.record("Nothing can be pasted.")
            return
        }
        await attempt.end()
        try await other.close()
    }

    @Test func aProviderThatIsNotThereGivesNothing() async throws {
        let attempt = try await Self.browser(Self.desk(Self.deadServer), "openai-codex")
        do {
            _ = try await attempt.redeem(Secret("fake-code"), until: .after(.seconds(30)))
            Issue.record("A login came from nowhere.")
        } catch let failure as RenewalFailure {
            #expect(failure.code == .unreachable)
            #expect(!failure.message.contains("fake-code"))
        }
        await attempt.end()
    }

    @Test func randomBytesAreManyAndNotTheSame() {
        #expect(SignInDesk.randomBytes().count == AuthorizationAttempt.randomBytes)
        #expect(SignInDesk.randomBytes() != SignInDesk.randomBytes())
    }
}
