import Testing

@testable import AlulaGateway

struct LogRedactorTests {
    @Test(
        arguments: [
            ("sent sk-fake-0123456789abcdef here", "sent sk-*** here"),
            ("Authorization: Bearer FAKE-0123456789", "Authorization: Bearer ***"),
            ("GET /v1?api_key=FAKE123&x=1", "GET /v1?api_key=***&x=1"),
            (#"{"accessToken":"FAKE\"with quote","n":1}"#, #"{"accessToken":"***","n":1}"#),
            (#""2":"{\"token\":\"FAKE-abc\",\"n\":1}""#, #""2":"{\"token\":\"***\",\"n\":1}""#),
            ("run --password FAKEhunter2 now", "run --password *** now"),
            ("OPENAI_API_KEY=FAKE-1 next", "OPENAI_API_KEY=*** next"),
            ("https://me:FAKEpass@host.example/a@b", "https://***@host.example/a@b"),
            ("bot 123456789:FAKEFAKEFAKEFAKEFAKEFAKE gone", "bot 123456789:*** gone"),
            ("-----BEGIN PRIVATE KEY-----\nRkFLRQ==\n-----END PRIVATE KEY-----", "-----***-----END PRIVATE KEY-----"),
            ("token ghp_FAKEFAKE0123456789", "token ghp_***"),
            // What follows a variable is text like any other.
            (#"{"token":"${A}FAKE-secret","n":1}"#, #"{"token":"***","n":1}"#),
            ("token=${A}FAKEsecret x", "token=*** x"),
            ("password: ${A:-FAKEsecret}", "password: ***}"), (#""token":"${FAKEsecret""#, #""token":"***""#),
            ("token=${A}${B}FAKE", "token=***"),
        ])
    func takesOutWhatLooksLikeASecret(text: String, expected: String) {
        #expect(LogRedactor().redacted(text) == expected)
        #expect(LogRedactor().redacted(expected) == expected, "a second time changes nothing")
    }

    @Test(
        arguments: [
            "provider auth state pre-warmed in 12ms eventLoopMax=3.1ms", "contextTokens=200000",
            "token: missing", #"{"hasToken":true,"token":null}"#, "set --token to the gateway's token",
            "apiKey: ${OPENAI_API_KEY}", #"{"token":"${A}","n":1}"#, "run with token=${A}, please", "token=${A}${B}",
            "basic configuration of the gateway", "https://host.example/path@x",
            "the sk-learn package", "",
        ])
    func leavesOtherTextAsItIs(text: String) {
        #expect(LogRedactor().redacted(text) == text)
    }

    @Test func aFieldWithASecretNameHasNoValue() {
        #expect(LogRedactor().redacted("anything at all", named: "gateway.auth.token") == "***")
        #expect(LogRedactor().redacted("openai", named: "provider.id") == "openai")
    }

    @Test func patternsOfTheConfigurationComeOnTop() {
        let redactor = LogRedactor(patterns: [#"customer-(\d+)"#, "/badge/i", "(unclosed"])
        #expect(redactor.redacted("customer-1234 has a BADGE, token=FAKE") == "customer-*** has a ***, token=***")
        #expect(redactor.invalidPatterns == ["(unclosed"])
    }
}
