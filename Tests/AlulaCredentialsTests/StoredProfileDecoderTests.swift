import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct StoredProfileDecoderTests {
    private func decode(_ text: String) throws -> StoredProfile {
        try StoredProfileDecoder.decode(JSONValue.parse(text))
    }

    // upstream: 10.10 ensureauthprofilestore: alias normalisation table
    @Test(arguments: [
        (#"{"type":"api_key","provider":"openai","key":"sk-fake"}"#, ProfileFact.Kind.apiKey, "sk-fake"),
        (#"{"mode":"api_key","provider":"openai","key":"sk-fake"}"#, .apiKey, "sk-fake"),
        (#"{"type":"apiKey","provider":"openai","key":"sk-fake"}"#, .apiKey, "sk-fake"),
        (#"{"mode":"apiKey","provider":"openai","apiKey":"sk-fake"}"#, .apiKey, "sk-fake"),
        (#"{"type":"api_key","provider":"openai","apiKey":"sk-fake"}"#, .apiKey, "sk-fake"),
        (#"{"type":"api_key","provider":"openai","key":"sk-first","apiKey":"sk-second"}"#, .apiKey, "sk-first"),
        (#"{"type":"api_key","provider":"openai","key":"  ","apiKey":"sk-fake"}"#, .apiKey, "sk-fake"),
        (#"{"mode":"token","provider":"github-copilot","token":"ghu_fake"}"#, .token, "ghu_fake"),
        (#"{"mode":"oauth","provider":"openai","access":"at-fake"}"#, .oauth, "at-fake"),
    ])
    func acceptsOlderSpellings(text: String, kind: ProfileFact.Kind, inline: String) throws {
        let profile = try decode(text)
        #expect(profile.kind == kind)
        #expect(profile.inline?.exposed == inline)
        #expect(profile.reference == nil)
    }

    // upstream: 10.10 ensureauthprofilestore: secret-field table (8)
    @Test(arguments: [
        // A pointer in the place of the secret moves to the pointer.
        (#"{"type":"api_key","provider":"p","key":{"source":"env","provider":"default","id":"KEY_A"}}"#, nil, "KEY_A"),
        (#"{"type":"token","provider":"p","token":{"source":"env","provider":"default","id":"KEY_A"}}"#, nil, "KEY_A"),
        // Anything else that is no text is dropped.
        (#"{"type":"api_key","provider":"p","key":17}"#, nil, nil),
        (#"{"type":"token","provider":"p","token":["t"]}"#, nil, nil),
        // For keys the pointer wins, for tokens both are kept.
        (
            #"{"type":"api_key","provider":"p","key":"sk-fake","keyRef":{"source":"env","provider":"d","id":"KEY_B"}}"#,
            nil, "KEY_B"
        ),
        (
            #"{"type":"token","provider":"p","token":"t-fake","tokenRef":{"source":"env","provider":"d","id":"KEY_B"}}"#,
            "t-fake", "KEY_B"
        ),
        // A pointer with a member too many is none.
        (
            #"{"type":"api_key","provider":"p","key":"sk-fake","keyRef":{"source":"env","id":"KEY_B","extra":1}}"#,
            "sk-fake", nil
        ),
        // Text can be a pointer as well.
        (#"{"type":"api_key","provider":"p","key":"${KEY_C}"}"#, nil, "KEY_C"),
    ])
    func tellsSecretsFromPointers(text: String, inline: String?, id: String?) throws {
        let profile = try decode(text)
        #expect(profile.inline?.exposed == inline)
        #expect(profile.reference?.id == id)
    }

    @Test(arguments: [
        ("\"text\"", StoredProfileDecoder.Rejection.nonObject),
        ("null", .nonObject),
        ("[]", .nonObject),
        (#"{"provider":"openai","key":"sk-fake"}"#, .invalidType),
        (#"{"type":"password","provider":"openai"}"#, .invalidType),
        (#"{"type":3,"mode":"oauth","provider":"openai"}"#, .invalidType),
        (#"{"type":"api_key","key":"sk-fake"}"#, .missingProvider),
        (#"{"type":"api_key","provider":"  ","key":"sk-fake"}"#, .missingProvider),
    ])
    func rejectsWhatIsNoCredential(text: String, rejection: StoredProfileDecoder.Rejection) {
        #expect(throws: rejection) { try decode(text) }
    }

    @Test(arguments: [
        ("1790000000000", ProfileFact.Expiry.at(Timestamp(milliseconds: 1_790_000_000_000))),
        ("0", .invalid), ("-1", .invalid), ("1e400", .invalid), ("9e99", .invalid), ("\"soon\"", .invalid),
        ("true", .invalid), ("null", .unstated),
    ])
    func takesAnUnusableExpiryForInvalid(text: String, expiry: ProfileFact.Expiry) throws {
        #expect(try decode(#"{"type":"token","provider":"p","token":"t","expires":\#(text)}"#).expiry == expiry)
    }

    @Test(arguments: ["access", "refresh", "token", "tokenRef", "key", "keyRef"])
    func flagsPointersInOAuthLogins(field: String) throws {
        let pointer = #"{"source":"exec","provider":"vault","id":"a/b"}"#
        let profile = try decode(#"{"type":"oauth","provider":"openai","\#(field)":\#(pointer)}"#)
        #expect(profile.hasForbiddenReference)
        #expect(profile.fact(markers: []).hasForbiddenReference)
    }

    @Test func readsIdentityAndRemarks() throws {
        let profile = try decode(
            """
            {"type":"oauth","provider":" OpenAI ","access":"a","refresh":"r","idToken":"i","accountId":" acct_1 ",
             "email":" A@Example.com ","displayName":"Work","copyToAgents":false,"clientId":"app_x",
             "projectId":"p","enterpriseUrl":"https://e.example","chatgptPlanType":"plus",
             "metadata":{"team":"one","size":3}}
            """)
        #expect(profile.provider == "openai")
        #expect(profile.identity == .init(accountID: "acct_1", email: "a@example.com"))
        #expect(profile.displayName == "Work")
        #expect(profile.copiesToAgents == false)
        #expect(profile.plan == "plus")
        #expect(profile.metadata == ["team": "one"])
        #expect(profile.idToken?.exposed == "i")
    }

    // upstream: 10.10 model-auth-markers: a marker is no secret
    @Test(arguments: ["ollama-local", "OPENAI_API_KEY", "oauth:chutes", "own-marker"])
    func reportsMarkersInsteadOfDigests(marker: String) throws {
        let fact = try decode(#"{"type":"api_key","provider":"p","key":"\#(marker)"}"#).fact(markers: ["own-marker"])
        #expect(fact.marker == marker)
        #expect(fact.inlineDigest == nil)
    }

    @Test func digestsAreEqualForEqualSecretsOnly() {
        let digest = FactVersion(recognising: Secret("sk-fake"))
        #expect(digest == FactVersion(recognising: Secret("sk-fake\n")))
        #expect(digest != FactVersion(recognising: Secret("sk-fakf")))
        #expect(FactVersion(of: [[1], [2, 3]]) != FactVersion(of: [[1, 2], [3]]))
    }
}
