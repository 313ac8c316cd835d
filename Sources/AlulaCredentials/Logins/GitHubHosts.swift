import AlulaAuth
import AlulaPrimitives

/// Reads the part of the GitHub CLI's `hosts.yml` that says who is signed in: nested maps of plain scalars, which is
/// all that the tool writes.
enum GitHubHosts {
    private static let host = "github.com"

    /// Reads the whole file's `bytes`; only `github.com` is looked at.
    static func decode(_ bytes: [UInt8], modified: Timestamp, path: String) -> SourceOutcome<ToolLogin> {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failed(
                SourceProblem(
                    .malformed, "The login file of the GitHub CLI is not UTF-8.", path: path,
                    remedy: ToolLoginDecoder.signIn(.githubCLI)))
        }
        let values = scalars(in: text)
        let user = values[[host, "user"]]
        let token = values[[host, "oauth_token"]] ?? user.flatMap { values[[host, "users", $0, "oauth_token"]] }
        if let token, !Secret(token).isBlank {
            return .found(
                ToolLogin(
                    tool: .githubCLI, access: Secret(token), identity: .init(accountID: user), modified: modified,
                    path: path))
        }
        guard user != nil else { return .absent }
        return .failed(
            SourceProblem(
                .unsupported,
                "The GitHub CLI keeps its token in the system's keyring, so whether it works is unknown.", path: path,
                remedy: "Set GH_TOKEN, or sign in with: gh auth login --insecure-storage"))
    }

    /// Every scalar by the keys that lead to it.
    private static func scalars(in text: String) -> [[String]: String] {
        var found: [[String]: String] = [:]
        var open: [(indentation: Int, key: String)] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let indentation = line.prefix { $0 == " " }.count
            let content = line.dropFirst(indentation)
            guard let first = content.first, first != "#", first != "-", first != "\t",
                let (key, rest) = split(content)
            else { continue }
            open.removeAll { $0.indentation >= indentation }
            open.append((indentation, key))
            let value = unquoted(String(rest).trimmed())
            if !value.isEmpty { found[open.map(\.key)] = value }
        }
        return found
    }

    private static func split(_ content: Substring) -> (key: String, rest: Substring)? {
        guard let colon = content.firstIndex(of: ":") else { return nil }
        return (unquoted(String(content[..<colon]).trimmed()), content[content.index(after: colon)...])
    }

    private static func unquoted(_ text: String) -> String {
        for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return text
    }
}
