import AlulaAuth
import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct ToolLoginDecoderTests {
    private let modified = Timestamp(milliseconds: 1_780_000_000_000)

    private func decode(_ tool: LoginTool, _ text: String) -> SourceOutcome<ToolLogin> {
        ToolLoginDecoder.decode(tool, bytes: Array(text.utf8), modified: modified, path: "/fake/login")
    }

    @Test func readsACodexLogin() throws {
        let access = FakeToken.make(
            #"{"exp":1790000000,"https://api.openai.com/auth":{"chatgpt_account_id":"acct_t"}}"#)
        let id = FakeToken.make(#"{"email":"A@Example.com"}"#)
        let login = try #require(
            decode(
                .codex,
                #"{"OPENAI_API_KEY":null,"tokens":{"access_token":"\#(access)","refresh_token":"r","id_token":"\#(id)"}}"#
            ).content)
        #expect(login.expiry == .at(Timestamp(milliseconds: 1_790_000_000_000)))
        #expect(login.identity == .init(accountID: "acct_t", email: "a@example.com"))
        #expect(login.fact.kind == .oauth)
        #expect(login.fact.modified == modified)
    }

    // upstream: 10.10 cli-credentials: expiry fallbacks (JWT out of range, bad clock, file mtime)
    @Test(arguments: ["opaque", "a.b.c", FakeToken.make(#"{"exp":1e300}"#), FakeToken.make(#"{"exp":"soon"}"#)])
    func takesACodexTokenWithoutAnEndToLastAnHour(access: String) throws {
        let login = try #require(
            decode(.codex, #"{"tokens":{"access_token":"\#(access)","refresh_token":"r","account_id":"acct_1"}}"#)
                .content)
        #expect(login.expiry == .at(modified.advanced(by: .seconds(3600))))
        #expect(login.identity.accountID == "acct_1")
    }

    @Test func readsAClaudeCodeLogin() throws {
        let login = try #require(
            decode(
                .claudeCode, #"{"claudeAiOauth":{"accessToken":"a","refreshToken":"r","expiresAt":1790000000000}}"#
            ).content)
        #expect(login.fact.kind == .oauth)
        #expect(login.expiry == .at(Timestamp(milliseconds: 1_790_000_000_000)))
    }

    // upstream: 10.10 external-cli-sync: Claude token ignored
    @Test func aClaudeCodeLoginWithoutARefreshTokenIsAToken() throws {
        let login = try #require(
            decode(.claudeCode, #"{"claudeAiOauth":{"accessToken":"a","expiresAt":1790000000000}}"#).content)
        #expect(login.fact.kind == .token)
        #expect(login.fact.refreshDigest == nil)
    }

    // upstream: 10.10 cli-credentials: Gemini identity with and without id token
    @Test(arguments: [
        (FakeToken.make(#"{"sub":"1234","email":"A@Example.com"}"#), "1234", "a@example.com"),
        ("garbage", nil, nil),
    ])
    func readsAGeminiLogin(idToken: String, account: String?, email: String?) throws {
        let login = try #require(
            decode(
                .geminiCLI,
                #"{"access_token":"a","refresh_token":"r","expiry_date":1790000000000,"id_token":"\#(idToken)"}"#
            ).content)
        #expect(login.identity == .init(accountID: account, email: email))
    }

    @Test(arguments: [
        (LoginTool.codex, "{}"), (.codex, #"{"tokens":null}"#), (.claudeCode, #"{"mcpOAuth":{}}"#),
        (.minimax, "{}"), (.geminiCLI, "{}"), (.githubCLI, ""), (.githubCLI, "ghe.example:\n    user: me\n"),
    ])
    func takesAFileWithoutALoginForSignedOut(tool: LoginTool, text: String) {
        guard case .absent = decode(tool, text) else {
            Issue.record("expected no login")
            return
        }
    }

    @Test(arguments: [
        (LoginTool.codex, "", SourceProblem.Code.malformed),
        (.codex, "[]", .wrongShape),
        (.codex, #"{"tokens":{"access_token":"CANARY"}}"#, .wrongShape),
        (.codex, #"{"OPENAI_API_KEY":"CANARY"}"#, .unsupported),
        (.claudeCode, #"{"claudeAiOauth":{"accessToken":"CANARY","expiresAt":-1}}"#, .wrongShape),
        (.claudeCode, #"{"claudeAiOauth":{"accessToken":"CANARY"#, .malformed),
        (.minimax, #"{"access_token":"CANARY","refresh_token":"r"}"#, .wrongShape),
        (.githubCLI, "github.com:\n    user: me\n    git_protocol: https\n", .unsupported),
    ])
    func saysWhyALoginIsUnusable(tool: LoginTool, text: String, code: SourceProblem.Code) throws {
        let problem = try #require(decode(tool, text).problem)
        #expect(problem.code == code)
        #expect(problem.path == "/fake/login")
        #expect(!"\(problem)".contains("CANARY"))
        #expect(!problem.remedy.isEmpty)
    }

    @Test(arguments: [
        "github.com:\n    users:\n        me:\n            oauth_token: gho_fake\n    user: me\n",
        "github.com:\n    oauth_token: \"gho_fake\"\n    user: me\n",
        "# comment\r\nother.example:\r\n  oauth_token: no\r\n'github.com':\r\n  user: me\r\n  oauth_token: gho_fake\r\n",
    ])
    func readsAGitHubLogin(text: String) throws {
        let login = try #require(decode(.githubCLI, text).content)
        #expect(login.access.exposed == "gho_fake")
        #expect(login.identity.accountID == "me")
        #expect(login.fact.kind == .token)
        #expect(login.expiry == .unstated)
    }
}
