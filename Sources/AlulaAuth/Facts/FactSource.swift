package import AlulaPrimitives

/// One place that facts come from: the unit that is read, timed, marked dirty and read again.
package enum FactSource: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The credential store in one agent directory, with its routing state and legacy inputs.
    case store(StoreID)
    /// The login that another vendor's command-line tool left on this machine.
    case login(LoginTool)
    /// Google's application-default credentials.
    case googleCredentials
    /// The shared AWS configuration and credentials files, and a web-identity token file.
    case awsFiles
    /// The file behind one alias of `secrets.providers` with `source: file`.
    case secretFile(alias: String)
    /// The helper program behind one alias with `source: exec`. It is run by the process that needs the secrets,
    /// never by the worker.
    case secretHelper(alias: String)

    /// For logs and status: no path, no id from outside.
    package var kindName: String {
        switch self {
        case .store: "store"
        case .login(let tool): tool.rawValue
        case .googleCredentials: "google-credentials"
        case .awsFiles: "aws-files"
        case .secretFile: "secret-file"
        case .secretHelper: "secret-helper"
        }
    }

    package var description: String {
        switch self {
        case .store(let store): "store \(store)"
        case .login(let tool): "login \(tool.rawValue)"
        case .googleCredentials, .awsFiles: kindName
        case .secretFile(let alias), .secretHelper(let alias): "\(kindName) \(alias)"
        }
    }

    package static func < (left: FactSource, right: FactSource) -> Bool { left.description < right.description }
}

/// A command-line tool whose login is read and never refreshed or rewritten.
package enum LoginTool: String, CaseIterable, Sendable {
    case codex
    case claudeCode = "claude-code"
    case minimax
    case geminiCLI = "gemini-cli"
    case githubCLI = "github-cli"

    /// For people.
    package var displayName: String {
        switch self {
        case .codex: "Codex CLI"
        case .claudeCode: "Claude Code"
        case .minimax: "MiniMax CLI"
        case .geminiCLI: "Gemini CLI"
        case .githubCLI: "GitHub CLI"
        }
    }
}
