import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

/// What is stored of a login that a provider has just issued.
struct IssuedLoginTests {
    private static let now = Timestamp(milliseconds: 1_780_000_000_000)

    private static func login(
        _ claims: String? = nil, access: String = "fake-access", refresh: String? = "fake-refresh",
        lifetime: Duration? = .seconds(3600), provider: ProviderID = "openai-codex", client: String? = nil
    ) -> IssuedLogin {
        IssuedLogin(
            TokenGrant(
                access: Secret(access), refresh: refresh.map { Secret($0) },
                idToken: claims.map { Secret(FakeToken.make($0)) }, lifetime: lifetime),
            of: provider, clientID: client, at: now)
    }

    private static func claims(_ email: String, account: String) -> String {
        #"{"email":"\#(email)","https://api.openai.com/auth":{"chatgpt_account_id":"\#(account)","chatgpt_plan_type":"plus"}}"#
    }

    private static let mine = claims("Me@Example.com", account: "acct_1")

    private static func document(_ profiles: String = "{}", state: String = "{}") throws -> CredentialStoreDocument {
        CredentialStoreDocument(
            profiles: try #require(JSONValue.parse(#"{"version":1,"profiles":\#(profiles)}"#).object),
            state: try #require(JSONValue.parse(state).object), origin: .profiles, path: "/fake/auth-profiles.json")
    }

    private static func entry(_ document: CredentialStoreDocument, _ id: String) -> JSONValue? {
        document.profileMembers["profiles"]?[id]
    }

    @Test func isStoredAsTheReferenceStoresIt() throws {
        var document = try Self.document()
        let id = try document.storeLogin(Self.login(Self.mine))
        #expect(id == "openai-codex:me@example.com")
        #expect(
            Self.entry(document, id.rawValue) == [
                "type": "oauth", "provider": "openai-codex", "access": "fake-access", "refresh": "fake-refresh",
                "idToken": .string(FakeToken.make(Self.mine)), "expires": 1_780_003_600_000, "accountId": "acct_1",
                "email": "me@example.com", "chatgptPlanType": "plus",
            ])
    }

    /// Nobody says whose it is, so that the one before it goes; another kind of login of that name stays.
    @Test func aTokenIsStoredAsTheReferenceStoresIt() throws {
        for earlier in [
            "", #""github-copilot:github":{"type":"token","provider":"github-copilot","token":"ghu_fakeold"}"#,
        ] {
            var document = try Self.document("{\(earlier)}")
            let login = IssuedLogin(Secret("ghu_fake\n"), of: "github-copilot", named: "github")
            #expect(try document.storeLogin(login) == "github-copilot:github")
            #expect(
                Self.entry(document, "github-copilot:github") == [
                    "type": "token", "provider": "github-copilot", "token": "ghu_fake",
                ])
            #expect(login.end == nil)
        }
        var document = try Self.document(
            #"{"github-copilot:github":{"type":"api_key","provider":"github-copilot","key":"ghu_fakekey"}}"#)
        let id = try document.storeLogin(IssuedLogin(Secret("ghu_fake"), of: "github-copilot", named: "github"))
        #expect(id == "github-copilot:github-login")
    }

    @Test func aLoginOfAnOwnClientNamesIt() throws {
        var document = try Self.document()
        let id = try document.storeLogin(Self.login(provider: "chutes", client: "cid_fake"))
        #expect(id == "chutes:default")
        #expect(Self.entry(document, "chutes:default")?["clientId"] == "cid_fake")
    }

    /// What a provider says of an owner ends up on screens and command lines.
    @Test(arguments: [
        "no spaces@example.com", "a:b@example.com", "\u{1B}[2J@example.com", "ä@example.com", " ",
        String(repeating: "a", count: 255),
    ])
    func aMailAddressThatIsNoneNamesNothing(email: String) throws {
        let text = JSONValue.object(JSONObject([("email", .string(email))])).text(.compact)
        #expect(Self.login(text).standardID == "openai-codex:default")
    }

    @Test func endsWhenItsTokenSaysSo() {
        let token = FakeToken.make(#"{"exp":1780007200}"#)
        #expect(Self.login(access: token, lifetime: nil).end == Timestamp(milliseconds: 1_780_007_200_000))
        #expect(Self.login(lifetime: nil).end == Self.now.advanced(by: .seconds(3600)))
        #expect(Self.login().canBeRenewed)
        #expect(!Self.login(refresh: nil).canBeRenewed)
    }

    /// Who signs in again has the old login renewed, with everything that was said about it.
    @Test func replacesAnEarlierLoginOfTheSameAccount() throws {
        var document = try Self.document(
            """
            {"openai-codex:me@example.com":{"type":"oauth","provider":"openai-codex","access":"old","refresh":"older",
              "expires":1,"accountId":"acct_1","displayName":"Work","copyToAgents":false,"later":[1.50],"oauthRef":{}},
             "groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}}
            """,
            state: #"{"usageStats":{"openai-codex:me@example.com":{"errorCount":3,"cooldownUntil":9999999999999}}}"#)
        let id = try document.storeLogin(Self.login(Self.mine))
        let entry = Self.entry(document, id.rawValue)
        #expect(entry?["access"] == "fake-access")
        #expect(entry?["displayName"] == "Work")
        #expect(entry?["copyToAgents"] == false)
        #expect(entry?["later"]?.text() == "[1.50]")
        #expect(entry?["oauthRef"] == nil)
        #expect(document.usage[id]?.cooldownUntil == nil)
        #expect(Self.entry(document, "groq:a")?["key"] == "sk-fake")
        #expect(document.profiles.count == 2)
    }

    /// One address may have an account of its own and a team's.
    @Test func anotherAccountOfTheSameAddressStandsBeside() throws {
        var document = try Self.document()
        let first = try document.storeLogin(Self.login(Self.mine))
        let second = try document.storeLogin(
            Self.login(Self.claims("me@example.com", account: "team-77-abcdefgh"), access: "fake-team"))
        #expect(second == "openai-codex:me@example.com-abcdefgh")
        #expect(document.profiles[first]?.identity.accountID == "acct_1")
        // And finds itself again.
        let again = try document.storeLogin(
            Self.login(Self.claims("me@example.com", account: "team-77-abcdefgh"), access: "fake-newer"))
        #expect(again == second)
        #expect(document.profiles.count == 2)
        #expect(document.profiles[second]?.inline?.exposed == "fake-newer")
    }

    @Test func aKeyOfTheSameNameIsNotLost() throws {
        var document = try Self.document(#"{"chutes:default":{"type":"api_key","provider":"chutes","key":"sk-fake"}}"#)
        #expect(try document.storeLogin(Self.login(provider: "chutes", client: "c")) == "chutes:default-login")
        #expect(Self.entry(document, "chutes:default")?["key"] == "sk-fake")
    }

    /// Renewing compares owners, so nothing of somebody else's may stay.
    @Test func anIdThatAPersonChoseIsTakenOverWhole() throws {
        var document = try Self.document(
            """
            {"openai-codex:work":{"type":"oauth","provider":"openai-codex","access":"old","refresh":"older","expires":1,
              "accountId":"acct_9","email":"other@example.com","clientId":"app_old","chatgptPlanType":"team",
              "projectId":"p","enterpriseUrl":"https://e","displayName":"Work","metadata":{"accountId":"acct_9","x":"y"}}}
            """)
        #expect(try document.storeLogin(Self.login(), as: "openai-codex:work") == "openai-codex:work")
        #expect(
            Self.entry(document, "openai-codex:work") == [
                "type": "oauth", "provider": "openai-codex", "displayName": "Work", "metadata": ["x": "y"],
                "access": "fake-access", "refresh": "fake-refresh", "expires": 1_780_003_600_000,
            ])
        #expect(document.profiles["openai-codex:work"]?.identity.isEmpty == true)
    }

    @Test func aBlankIdIsRefused() throws {
        var document = try Self.document()
        #expect(throws: CredentialError.self) { _ = try document.storeLogin(Self.login(), as: " ") }
        #expect(document.profiles.isEmpty)
    }

    @Test func noSecretShows() {
        let login = Self.login(Self.mine)
        var dumped = ""
        dump(login, to: &dumped)
        for text in ["\(login)", dumped, String(reflecting: login)] { #expect(!text.contains("fake-")) }
    }

    // MARK: On disk

    @Test func looksWithoutATrace() throws {
        let directory = try ScratchDirectory()
        let files = CredentialStoreFiles(StoreID(directory.path("agent")))
        func writer(isReadOnly: Bool = false) -> CredentialStoreWriter {
            CredentialStoreWriter(files, isReadOnly: isReadOnly, now: { Self.now })
        }
        try BlockingContext.permit { _ = try writer().assertUsable() }
        #expect(!directory.exists("agent"))
        try directory.write(#"{"version":1,"profiles":{}}"#, to: "agent/auth-profiles.json")
        let before = try directory.fingerprint()
        try BlockingContext.permit { _ = try writer().assertUsable() }
        #expect(try directory.fingerprint().keys.sorted() == before.keys.sorted())
        #expect(try directory.fingerprint()["agent/auth-profiles.json"] == before["agent/auth-profiles.json"])
        BlockingContext.permit {
            do throws(CredentialError) {
                _ = try writer(isReadOnly: true).assertUsable()
                Issue.record("A store that may not be written is usable.")
            } catch {
                #expect(error.code == .storeReadOnly)
            }
        }
    }
}
