import AlulaModels
import AlulaPrimitives
import Crypto
import Testing

@testable import AlulaAuth

/// What a browser is asked for, and what its answers mean.
struct AuthorizationAttemptTests {
    /// The octets of RFC 7636, appendix B.
    static let published: [UInt8] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191, 240,
        91, 88, 5, 88, 83, 132, 141, 121,
    ]
    /// What the second half of the random bytes becomes.
    private static let state = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    private static let entry = AuthorizationEntry(
        url: "https://sign.example/in", redirect: LoopbackRedirect(host: "localhost", port: 1455, path: "/auth/back"),
        scopes: ["openid", "a b"], parameters: [.init("originator", "alula&x")],
        tokenEndpoint: TokenEndpointEntry(url: "https://sign.example/token", clientID: "app"))

    private static let attempt = AuthorizationAttempt(
        entry, clientID: "app 1", port: 1455, random: published + Array(0..<32),
        digest: { Array(SHA256.hash(data: $0)) })

    private static func shown(_ verdict: CallbackVerdict) -> String {
        switch verdict {
        case .code(let code): "code \(code.exposed)"
        case .refused(let reason): "refused \(reason)"
        case .foreign(let fault): "foreign \(fault.rawValue)"
        }
    }

    // MARK: What is asked

    @Test func asksWithTheChallengeThatTheStandardPublishes() {
        #expect(
            Self.attempt.url
                == "https://sign.example/in?response_type=code&client_id=app%201"
                + "&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fback&scope=openid%20a%20b"
                + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
                + "&originator=alula%26x&state=\(Self.state)")
    }

    @Test func redeemsWithTheVerifierThatTheStandardPublishes() {
        let request = Self.attempt.redemption(of: Secret("fake-code"))
        #expect(request.verifier.exposed == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(request.clientID == "app 1")
        #expect(request.redirect == "http://localhost:1455/auth/back")
        #expect(request.endpoint == Self.entry.tokenEndpoint)
        #expect(request.code.exposed == "fake-code")
    }

    @Test func isAnotherOneEachTime() {
        func url(_ byte: UInt8) -> String {
            AuthorizationAttempt(
                Self.entry, clientID: "app", port: 1, random: [UInt8](repeating: byte, count: 64),
                digest: { Array(SHA256.hash(data: $0)) }
            ).url
        }
        #expect(url(1) != url(2))
    }

    /// Whoever sees the address must not be able to redeem a code.
    @Test func theAddressDoesNotTellTheVerifier() {
        #expect(!Self.attempt.url.contains("dBjftJeZ"))
        #expect(!"\(Self.attempt.redemption(of: Secret("fake-code")))".contains("dBjftJeZ"))
    }

    // MARK: What a browser brings

    @Test(arguments: [
        ("/auth/back?code=fake-code&state=\(state)", "code fake-code"),
        ("/auth/back?state=\(state)&code=fake%2Dcode%2f%3D&scope=openid+email", "code fake-code/="),
        ("/auth/back?code=fake-code&state=\(state)#fragment", "code fake-code"),
        ("/auth/back?code=fake-code&state=\(state)&iss=https%3A%2F%2Fsign.example", "code fake-code"),
        ("/auth/back?error=access_denied&state=\(state)", "refused access_denied"),
        ("/auth/back?error=access_denied&code=fake-code&state=\(state)", "refused access_denied"),
        ("/auth/back?error=%3Cscript%3E&state=\(state)", "refused no reason given"),
        ("/auth/back?error=&state=\(state)", "refused no reason given"),
        // Any page can send a browser here.
        ("/auth/back?code=fake-code", "foreign otherState"), ("/auth/back?code=fake-code&state=", "foreign otherState"),
        ("/auth/back?code=fake-code&state=x", "foreign otherState"),
        ("/auth/back?code=fake-code&state=\(state)x", "foreign otherState"),
        ("/auth/back?code=fake-code&state=\(state.dropLast())", "foreign otherState"),
        ("/auth/back?code=fake-code&state=\(state.lowercased())", "foreign otherState"),
        ("/auth/back?error=access_denied", "foreign otherState"),
        ("/auth/back?error=access_denied&state=x", "foreign otherState"),
        ("/auth/back", "foreign otherState"), ("/auth/back?", "foreign otherState"),
        ("/auth/back?state=\(state)", "foreign noCode"), ("/auth/back?state=\(state)&code=", "foreign noCode"),
        // Members that stand twice are an error, whichever is right.
        ("/auth/back?code=a&code=fake-code&state=\(state)", "foreign malformed"),
        ("/auth/back?code=fake-code&state=\(state)&state=\(state)", "foreign malformed"),
        ("/auth/back?error=a&error=b&state=\(state)", "foreign malformed"),
        ("/auth/back?code=fake%20code&state=\(state)", "foreign malformed"),
        ("/auth/back?code=fake+code&state=\(state)", "foreign malformed"),
        ("/auth/back?code=fake%0D%0Acode&state=\(state)", "foreign malformed"),
        ("/auth/back?code=f%C3%A4ke&state=\(state)", "foreign malformed"),
        ("/auth/back?code=%FF&state=\(state)", "foreign malformed"),
        ("/auth/back?code=\(String(repeating: "c", count: 4097))&state=\(state)", "foreign malformed"),
        ("/auth/back?state=\(state)&x=\(String(repeating: "x", count: 9000))", "foreign malformed"),
        ("/", "foreign otherPath"), ("", "foreign otherPath"), ("/favicon.ico", "foreign otherPath"),
        ("/auth/back/?code=fake-code&state=\(state)", "foreign otherPath"),
        ("/AUTH/back?code=fake-code&state=\(state)", "foreign otherPath"),
        ("//auth/back?code=fake-code&state=\(state)", "foreign otherPath"),
        ("/x/../auth/back?code=fake-code&state=\(state)", "foreign otherPath"),
        ("http://localhost:1455/auth/back?code=fake-code&state=\(state)", "foreign otherPath"),
    ])
    func judgesWhatABrowserBrings(target: String, expected: String) {
        #expect(Self.shown(Self.attempt.judge(target: target)) == expected)
    }

    // MARK: What a person copies

    @Test(arguments: [
        ("http://localhost:1455/auth/back?code=fake-code&state=\(state)", "code fake-code"),
        ("  http://127.0.0.1:1455/auth/back?state=\(state)&code=fake-code#x \r\n", "code fake-code"),
        (#""http://localhost:1455/auth/back?code=fake-code&state=\#(state)""#, "code fake-code"),
        ("localhost:1455/auth/back?code=fake-code&state=\(state)", "code fake-code"),
        ("/auth/back?code=fake-code&state=\(state)", "code fake-code"),
        ("?code=fake-code&state=\(state)", "code fake-code"), ("code=fake-code&state=\(state)", "code fake-code"),
        ("state=\(state)&code=fake-code", "code fake-code"), ("fake-code#\(state)", "code fake-code"),
        ("ac_fake-code+/=.~", "code ac_fake-code+/=.~"), ("ac_fake-code-15", "foreign noCode"),
        ("<ac_fake-code'of-more-parts>", "code ac_fake-code'of-more-parts"), ("\"'<>", "foreign noCode"),
        ("nonsense", "foreign noCode"),
        ("http://localhost:1455/auth/back?error=access_denied&state=\(state)", "refused access_denied"),
        ("http://localhost:1455/auth/back?code=fake-code&state=other", "foreign otherState"),
        ("http://localhost:1455/auth/back?code=fake-code", "foreign otherState"),
        ("code=fake-code", "foreign otherState"), ("fake-code#other", "foreign otherState"),
        ("fake-code#", "foreign otherState"), ("#\(state)", "foreign noCode"),
        // The address that was to be opened, and not the one where it ended.
        ("https://sign.example/in?response_type=code&state=\(state)", "foreign otherPath"),
        ("https://sign.example/done", "foreign otherPath"),
        ("help", "foreign noCode"), ("", "foreign noCode"), ("fake code with words", "foreign malformed"),
        ("fake\u{1B}[2Jcode-that-is-long", "foreign malformed"),
        (String(repeating: "c", count: 5000), "foreign malformed"),
    ])
    func judgesWhatAPersonCopies(text: String, expected: String) {
        #expect(Self.shown(Self.attempt.judge(pasted: text)) == expected)
    }

    /// No text, however it is cut, is taken for an answer but the ones that name the state, and codes alone.
    @Test func noPartOfAnAnswerIsAnAnswer() {
        let answer = "/auth/back?code=fake-code&state=\(Self.state)"
        for length in 0..<answer.count {
            guard case .foreign = Self.attempt.judge(target: String(answer.prefix(length))) else {
                Issue.record("The first \(length) characters were taken.")
                return
            }
        }
    }
}
