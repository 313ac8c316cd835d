import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

/// Plants a visible secret in every place that holds one, and looks for it in everything that comes out.
struct CanaryTests {
    private static let canary = "CANARY0123456789"
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func shown(_ values: Any...) -> String {
        values.reduce(into: "") { text, value in
            dump(value, to: &text)
            text += "\(value) \(String(reflecting: value))"
        }
    }

    private func plant() throws -> [GatherPlan.Item] {
        let canary = Self.canary
        let token = FakeToken.make(#"{"exp":1790000000,"sub":"s","note":"\#(canary)"}"#)
        try scratch.write(
            """
            {"profiles":{"a":{"type":"api_key","provider":"p","key":"\(canary)"},
             "b":{"type":"token","provider":"p","token":"\(canary)","expires":"\(canary)"},
             "c":{"type":"oauth","provider":"p","access":"\(canary)","refresh":"\(canary)","idToken":"\(canary)",
              "unknown":{"deep":"\(canary)"},"metadata":{"secret":"\(canary)"},"clientId":"\(canary)"},
             "d":{"type":"\(canary)"},"e":"\(canary)"},"unknown":"\(canary)"}
            """, to: "agent/auth-profiles.json")
        try scratch.write(#"{"unknown":"\#(canary)"}"#, to: "agent/auth-state.json")
        try scratch.write(#"{"profiles":{"a":{"key":"\#(canary)"#, to: "damaged/auth-profiles.json")
        try scratch.write(#"{"p":{"type":"api_key","key":"\#(canary)"}}"#, to: "older/auth.json")
        func write(_ text: String, _ name: String) throws -> String { try scratch.write(text, to: name) }
        let flat =
            #"{"access_token":"\#(canary)","refresh_token":"\#(canary)","id_token":"\#(token)","expiry_date":1790000000000}"#
        return [
            .store(StoreID(scratch.path("agent")), legacyOAuthPath: nil, sharedDatabasePath: nil),
            .store(StoreID(scratch.path("damaged")), legacyOAuthPath: nil, sharedDatabasePath: nil),
            .store(StoreID(scratch.path("older")), legacyOAuthPath: nil, sharedDatabasePath: nil),
            .login(
                .codex,
                path: try write(
                    #"{"tokens":{"access_token":"\#(token)","refresh_token":"\#(canary)","id_token":"\#(token)"}}"#,
                    "codex")),
            .login(.codex, path: try write(#"{"OPENAI_API_KEY":"\#(canary)"}"#, "codex-key")),
            .login(
                .claudeCode,
                path: try write(
                    #"{"claudeAiOauth":{"accessToken":"\#(canary)","refreshToken":"\#(canary)","expiresAt":1790000000000}}"#,
                    "claude")),
            .login(.minimax, path: try write(flat, "minimax")),
            .login(.geminiCLI, path: try write(flat, "gemini")),
            .login(.geminiCLI, path: try write("\(canary) {", "gemini-damaged")),
            .login(.githubCLI, path: try write("github.com:\n  user: me\n  oauth_token: \(canary)\n", "hosts.yml")),
            .googleCredentials(
                paths: [
                    try write(
                        #"{"type":"authorized_user","client_id":"i","client_secret":"\#(canary)","refresh_token":"\#(canary)"}"#,
                        "adc")
                ]),
            .googleCredentials(paths: [try write(#"{"type":"\#(canary)"}"#, "adc-unknown")]),
            .awsFiles(
                configPath: try write("[profile a]\ncredential_process = echo \(canary)\n\(canary)\n", "aws-config"),
                credentialsPath: try write(
                    "[default]\naws_access_key_id=\(canary)\naws_secret_access_key=\(canary)\n", "aws"),
                webIdentityTokenPath: try write(canary, "aws-token")),
            .secretFile(
                alias: "f", path: try write(#"{"a":"\#(canary)","b":["\#(canary)"]}"#, "secrets"), isSingleValue: false,
                maximumBytes: 1 << 20, ids: ["/a", "/b", "/b/0", "/c"]),
            .secretFile(
                alias: "g", path: try write(canary, "single"), isSingleValue: false, maximumBytes: 1 << 20, ids: ["/a"]),
        ]
    }

    @Test(.bug(id: "B125")) func noFactAndNoProblemShowsASecret() throws {
        let items = try plant()
        let readings = BlockingContext.permit { items.map { CredentialFactReader().read($0, markers: []) } }
        #expect(readings.count == items.count)
        #expect(!shown(readings).contains(Self.canary))
    }

    @Test(.bug(id: "B125")) func nothingInThisModuleShowsASecret() throws {
        let items = try plant()
        try BlockingContext.permit {
            for name in ["agent", "older"] {
                let files = CredentialStoreFiles(StoreID(scratch.path(name)))
                let loaded = CredentialStoreLoader().load(files)
                var document = try #require(loaded.content).document
                #expect(!shown(loaded, document).contains(Self.canary))
                document.setOrder(["a"], for: "p")
                #expect(!shown(document).contains(Self.canary))
                #expect(!shown(document.profiles).contains(Self.canary))
            }
            for case .login(let tool, let path) in items {
                #expect(!shown(ToolLoginReader.load(tool, path: path)).contains(Self.canary))
            }
            let file = SecretFile(path: scratch.path("secrets"), isSingleValue: false, maximum: .mebibytes(1))
            #expect(!shown(file.load(), file).contains(Self.canary))
        }
    }

    @Test func secretsAreNotInErrors() throws {
        let writer = CredentialStoreWriter(
            CredentialStoreFiles(StoreID(scratch.path("agent"))), now: { Timestamp(milliseconds: 0) })
        try scratch.write(#"{"profiles":"\#(Self.canary)"#, to: "agent/auth-profiles.json")
        _ = try scratch.makePipe("agent/auth-state.json")
        let error = #expect(throws: CredentialError.self) {
            try BlockingContext.permit { try writer.setOrder([], for: "p") }
        }
        #expect(error.map { shown($0).contains(Self.canary) } == false)
    }
}
