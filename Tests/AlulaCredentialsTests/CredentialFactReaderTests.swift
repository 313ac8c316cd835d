import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

struct CredentialFactReaderTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func read(_ item: GatherPlan.Item, markers: Set<String> = []) -> SourceReading {
        BlockingContext.permit { CredentialFactReader().read(item, markers: markers) }
    }

    @Test func readsAStore() throws {
        let store = StoreID(scratch.path("agent"))
        try scratch.write(
            #"{"profiles":{"a:1":{"type":"api_key","provider":"a","key":"own-marker"}}}"#,
            to: "agent/auth-profiles.json")
        let item = GatherPlan.Item.store(store, legacyOAuthPath: nil, sharedDatabasePath: nil)
        guard case .store(store, .found(let fact, _)) = read(item, markers: ["own-marker"]) else {
            Issue.record("expected the store")
            return
        }
        #expect(fact.profiles["a:1"]?.marker == "own-marker")
        #expect(fact.path == scratch.path("agent/auth-profiles.json"))
    }

    // upstream: 10.10 cli-credentials: file fallback; cache dropped on file change (nothing is cached here)
    @Test func readsLoginsAsTheyAreNowAndNeverWritesThem() throws {
        let path = scratch.path("codex/auth.json")
        let item = GatherPlan.Item.login(.codex, path: path)
        #expect(read(item) == .login(.codex, .absent))
        try scratch.write(#"{"tokens":{"access_token":"CANARY-A","refresh_token":"CANARY-R"}}"#, to: "codex/auth.json")
        let before = try scratch.fingerprint()
        let first = read(item)
        guard case .login(.codex, .found(let fact, let version)) = first else {
            Issue.record("expected a login")
            return
        }
        #expect(fact.kind == .oauth)
        #expect(!"\(first)".contains("CANARY"))
        #expect(read(item) == first)
        #expect(try scratch.fingerprint() == before)
        try scratch.write(#"{"tokens":{"access_token":"other","refresh_token":"r"}}"#, to: "codex/auth.json")
        guard case .login(.codex, .found(_, let next)) = read(item) else {
            Issue.record("expected a login")
            return
        }
        #expect(next != version)
    }

    @Test(arguments: LoginTool.allCases)
    func refusesHugeAndOddLoginFiles(tool: LoginTool) throws {
        let huge = try scratch.writeSparse(bytes: 200 << 20, to: "huge")
        let pipe = try scratch.makePipe("pipe")
        for (path, code) in [
            (huge, SourceProblem.Code.tooLarge), (pipe, .notRegularFile), (scratch.path, .notRegularFile),
            ("/dev/zero", .notRegularFile),
        ] {
            guard case .login(tool, .failed(let problem)) = read(.login(tool, path: path)) else {
                Issue.record("expected a problem with \(path)")
                continue
            }
            #expect(problem.code == code)
            #expect(problem.path == path)
        }
    }

    private let user = #"{"type":"authorized_user","client_id":"i","client_secret":"CANARY","refresh_token":"CANARY"}"#

    @Test func theFirstGoogleFileThatIsThereCounts() throws {
        let first = scratch.path("first.json")
        let second = try scratch.write(user, to: "second.json")
        let reading = read(.googleCredentials(paths: ["", first, second]))
        guard case .googleCredentials(.found(let fact, _)) = reading else {
            Issue.record("expected credentials")
            return
        }
        #expect(fact == GoogleCredentialsFact(type: "authorized_user", path: second))
        #expect(!"\(reading)".contains("CANARY"))
        try scratch.write("half", to: "first.json")
        guard case .googleCredentials(.failed(let problem)) = read(.googleCredentials(paths: [first, second])) else {
            Issue.record("expected the first file's problem")
            return
        }
        #expect(problem.code == .malformed)
        #expect(read(.googleCredentials(paths: [scratch.path("none")])) == .googleCredentials(.absent))
    }

    @Test(arguments: [
        #"{"type":"authorized_user","client_id":"i","client_secret":"s"}"#, #"{"type":"made_up"}"#, "[]",
        #"{"type":"service_account","client_email":"e","private_key":" "}"#,
    ])
    func refusesGoogleFilesWithoutWhatTheirTypeNeeds(text: String) throws {
        let path = try scratch.write(text, to: "adc.json")
        guard case .googleCredentials(.failed(let problem)) = read(.googleCredentials(paths: [path])) else {
            Issue.record("expected a problem")
            return
        }
        #expect(problem.code == .wrongShape)
    }

    @Test func readsTheAWSFiles() throws {
        let config = try scratch.write("[profile a]\nsso_start_url = https://s.example\nnonsense\n", to: "config")
        let credentials = scratch.path("credentials")
        let token = try scratch.write(" \n", to: "token")
        func fact(_ token: String?) -> AWSFilesFact? {
            let item = GatherPlan.Item.awsFiles(
                configPath: config, credentialsPath: credentials, webIdentityTokenPath: token)
            guard case .awsFiles(let reading) = read(item) else { return nil }
            return reading.fact
        }
        let first = try #require(fact(nil))
        #expect(first.profiles == ["a": .singleSignOn])
        #expect(first.hasWebIdentityToken == nil)
        #expect(first.problems.map(\.code) == [.malformed])
        #expect(first.problems.first?.line == 3)
        #expect(try #require(fact(token)).hasWebIdentityToken == false)
        try scratch.write("token", to: "token")
        #expect(try #require(fact(token)).hasWebIdentityToken == true)
        _ = try scratch.makePipe("credentials")
        #expect(try #require(fact(nil)).problems.map(\.code) == [.malformed, .notRegularFile])
        #expect(
            read(
                .awsFiles(configPath: scratch.path("x"), credentialsPath: scratch.path("y"), webIdentityTokenPath: nil))
                == .awsFiles(.absent))
    }

    private func secretFile(_ path: String, single: Bool = false, ids: [String]) -> Reading<SecretSourceFact>? {
        let item = GatherPlan.Item.secretFile(
            alias: "f", path: path, isSingleValue: single, maximumBytes: 1 << 20, ids: ids)
        guard case .secretSource("f", let reading) = read(item) else { return nil }
        return reading
    }

    @Test func saysWhichSecretsAFileHas() throws {
        let path = try scratch.write(#"{"a":{"b":"CANARY"},"n":1,"e":" "}"#, to: "secrets.json")
        let reading = try #require(secretFile(path, ids: ["/a/b", "/a/c", "/n", "/e", "a"]))
        #expect(
            reading.fact?.ids == [
                "/a/b": .present, "/a/c": .missing(code: "NOT_FOUND"), "/n": .missing(code: "INVALID_VALUE"),
                "/e": .missing(code: "INVALID_VALUE"), "a": .missing(code: "INVALID_ID"),
            ])
        #expect(!"\(reading)".contains("CANARY"))
        let single = try scratch.write("CANARY\n", to: "single")
        #expect(secretFile(single, single: true, ids: ["value"])?.fact?.ids == ["value": .present])
        #expect(secretFile(scratch.path("none"), ids: ["/a"]) == .absent)
    }

    @Test(arguments: [UInt32(0o640), 0o604, 0o660, 0o602])
    func refusesSecretFilesThatOthersMayUse(mode: UInt32) throws {
        let path = try scratch.write("{}", to: "secrets.json", mode: mode)
        guard case .failed(let problem) = secretFile(path, ids: []) else {
            Issue.record("expected a problem")
            return
        }
        #expect(problem.code == .permissionsTooOpen)
    }

    @Test func refusesSecretFilesThatAreLinksPipesOrTooLarge() throws {
        let link = try scratch.link("link", to: try scratch.write("{}", to: "secrets.json"))
        for (path, code) in [
            (link, SourceProblem.Code.notRegularFile), (try scratch.makePipe("pipe"), .notRegularFile),
            (try scratch.writeSparse(bytes: 2 << 20, to: "huge"), .tooLarge),
        ] {
            guard case .failed(let problem) = secretFile(path, ids: []) else {
                Issue.record("expected a problem")
                continue
            }
            #expect(problem.code == code)
        }
    }
}
