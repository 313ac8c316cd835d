import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// Understands the login files of other tools.
///
/// A file of a tool that nobody is signed in to counts as absent.
enum ToolLoginDecoder {
    /// How long a Codex token without a readable end is taken to last from when it was written.
    private static let assumedLifetime = Duration.seconds(3600)

    /// Reads the whole file's `bytes`; `modified` and `path` are told on with the login.
    static func decode(_ tool: LoginTool, bytes: [UInt8], modified: Timestamp, path: String) -> SourceOutcome<ToolLogin>
    {
        if tool == .githubCLI { return GitHubHosts.decode(bytes, modified: modified, path: path) }
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes)
        } catch {
            return .failed(
                .malformed(error, what: "The login file of \(tool.displayName)", path: path, remedy: signIn(tool)))
        }
        guard let members = value.object else {
            return .failed(wrongShape(tool, "is not an object", path: path))
        }
        return switch tool {
        case .codex: codex(members, modified: modified, path: path)
        case .claudeCode: claudeCode(members, modified: modified, path: path)
        case .minimax, .geminiCLI: flat(tool, members, modified: modified, path: path)
        case .githubCLI: .absent
        }
    }

    private static func codex(_ members: JSONObject, modified: Timestamp, path: String) -> SourceOutcome<ToolLogin> {
        guard let tokens = members["tokens"]?.object else {
            guard StoredProfileDecoder.text(members["OPENAI_API_KEY"]) != nil else { return .absent }
            return .failed(
                SourceProblem(
                    .unsupported, "The Codex CLI is signed in with an API key and not with a subscription.",
                    path: path, remedy: "Set OPENAI_API_KEY, or sign in with: codex login"))
        }
        guard let access = secret(tokens["access_token"]), let refresh = secret(tokens["refresh_token"]) else {
            return .failed(wrongShape(.codex, "lacks access_token or refresh_token", path: path))
        }
        let idToken = secret(tokens["id_token"])
        let claims = TokenClaims(access)
        let idClaims = TokenClaims(idToken)
        let expiry = claims?.expiry ?? modified.advanced(by: assumedLifetime)
        return .found(
            ToolLogin(
                tool: .codex, access: access, refresh: refresh, idToken: idToken, expiry: .at(expiry),
                identity: .init(
                    accountID: StoredProfileDecoder.text(tokens["account_id"])?.trimmed() ?? idClaims?.openAIAccount
                        ?? claims?.openAIAccount,
                    email: idClaims?.email ?? claims?.email),
                modified: modified, path: path))
    }

    private static func claudeCode(_ members: JSONObject, modified: Timestamp, path: String) -> SourceOutcome<ToolLogin>
    {
        guard let login = members["claudeAiOauth"], !login.isNull else { return .absent }
        guard let access = secret(login["accessToken"]),
            let expiry = login["expiresAt"]?.double.flatMap(Timestamp.init(validating:))
        else { return .failed(wrongShape(.claudeCode, "lacks accessToken or expiresAt", path: path)) }
        return .found(
            ToolLogin(
                tool: .claudeCode, access: access, refresh: secret(login["refreshToken"]), expiry: .at(expiry),
                modified: modified, path: path))
    }

    /// MiniMax and the Gemini CLI write the same members.
    private static func flat(_ tool: LoginTool, _ members: JSONObject, modified: Timestamp, path: String)
        -> SourceOutcome<ToolLogin>
    {
        if members["access_token"] == nil, members["refresh_token"] == nil { return .absent }
        guard let access = secret(members["access_token"]), let refresh = secret(members["refresh_token"]),
            let expiry = members["expiry_date"]?.double.flatMap(Timestamp.init(validating:))
        else {
            return .failed(wrongShape(tool, "lacks access_token, refresh_token or expiry_date", path: path))
        }
        let idToken = tool == .geminiCLI ? secret(members["id_token"]) : nil
        let claims = TokenClaims(idToken)
        return .found(
            ToolLogin(
                tool: tool, access: access, refresh: refresh, idToken: idToken, expiry: .at(expiry),
                identity: .init(accountID: claims?.subject, email: claims?.email), modified: modified, path: path))
    }

    private static func secret(_ value: JSONValue?) -> Secret? {
        StoredProfileDecoder.text(value).map { Secret($0) }
    }

    private static func wrongShape(_ tool: LoginTool, _ fault: String, path: String) -> SourceProblem {
        SourceProblem(
            .wrongShape, "The login file of \(tool.displayName) \(fault).", path: path, remedy: signIn(tool))
    }

    /// What to type to get a fresh login.
    static func signIn(_ tool: LoginTool) -> String {
        switch tool {
        case .codex: "Sign in again with: codex login"
        case .claudeCode: "Sign in again: start claude and type /login"
        case .minimax: "Sign in again with the MiniMax CLI."
        case .geminiCLI: "Sign in again: start gemini and choose a login."
        case .githubCLI: "Sign in again with: gh auth login"
        }
    }
}
