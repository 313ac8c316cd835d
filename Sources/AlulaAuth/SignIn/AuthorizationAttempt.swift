package import AlulaModels
package import AlulaPrimitives

/// One attempt of a person to sign in with a browser: the address to open, and what answers to it mean.
///
/// A verifier that never leaves this process but with the code makes a code worthless to whoever reads along.
///
/// - SeeAlso: RFC 6749, section 4.1; RFC 7636; RFC 8252.
package struct AuthorizationAttempt: Sendable {
    /// Random bytes that an attempt is made of: half for the verifier, half for the state.
    package static let randomBytes = 64

    /// Longest code, in bytes.
    private static let maximumCode = 4096
    /// A shorter text that a person pastes is a word: a code that nobody can guess is longer.
    private static let minimumPastedCode = 16

    private let entry: AuthorizationEntry
    private let clientID: String
    /// The address that the browser is sent back to.
    private let redirect: String
    private let verifier: Secret
    private let state: Secret
    private let challenge: String

    /// - Parameters:
    ///   - port: Where callbacks are received.
    ///   - random: ``randomBytes`` from a generator that nobody can foresee.
    ///   - digest: SHA-256.
    package init(
        _ entry: AuthorizationEntry, clientID: String, port: Int, random: [UInt8], digest: ([UInt8]) -> [UInt8]
    ) {
        precondition(random.count == Self.randomBytes)
        self.entry = entry
        self.clientID = clientID
        redirect = entry.redirect.url(port: port)
        let verifier = Base64Text.encoded(Array(random.prefix(Self.randomBytes / 2)))
        self.verifier = Secret(verifier)
        state = Secret(Base64Text.encoded(Array(random.suffix(Self.randomBytes / 2))))
        challenge = Base64Text.encoded(digest(Array(verifier.utf8)))
    }

    /// The address to open in a browser.
    package var url: String {
        var members = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirect),
            ("scope", entry.scopes.joined(separator: " ")), ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]
        members += entry.parameters.map { ($0.name, $0.value) }
        members.append(("state", state.exposed))
        let pairs = members.map { "\($0.0)=\(PercentEncoding.encoded($0.1))" }
        return "\(entry.url)?\(pairs.joined(separator: "&"))"
    }

    /// What redeems `code`.
    package func redemption(of code: Secret) -> CodeRequest {
        CodeRequest(
            endpoint: entry.tokenEndpoint, clientID: clientID, code: code, verifier: verifier, redirect: redirect)
    }

    // MARK: Answers

    /// Judges what a browser asks for.
    ///
    /// - Parameter target: The request's target: a path, and a query behind it.
    package func judge(target: String) -> CallbackVerdict {
        let (path, query) = Self.parts(of: target)
        guard path == entry.redirect.path else { return .foreign(.otherPath) }
        return judge(query: query ?? "")
    }

    /// Judges what a person copied: the whole address that the browser ended at, its query, `<code>#<state>` as some providers
    /// show it, or the code alone.
    package func judge(pasted text: String) -> CallbackVerdict {
        let text = Self.unwrapped(text)
        let (address, query) = Self.parts(of: text)
        if let query {
            // Which name the machine goes by elsewhere does not matter, as long as it is that page.
            guard address.isEmpty || address.hasSuffix(entry.redirect.path) else { return .foreign(.otherPath) }
            return judge(query: query)
        }
        if text.split(separator: "&").contains(where: { $0.hasPrefix("code=") || $0.hasPrefix("error=") }) {
            return judge(query: text[...])
        }
        if text.contains("://") { return .foreign(.otherPath) }
        let halves = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 2, !state.matches(Secret(String(halves[1]))) { return .foreign(.otherState) }
        // A code alone says nothing of the attempt that it is for; the verifier does.
        guard text.utf8.count >= Self.minimumPastedCode else { return .foreign(.noCode) }
        return Self.verdict(on: Secret(String(halves[0])))
    }

    /// A text without the white space, quotes and brackets around it. What stands between its letters is part of it.
    private static func unwrapped(_ text: String) -> String {
        func isWrapping(_ letter: Character) -> Bool { letter.isWhitespace || "\"'<>".contains(letter) }
        let tail = text.drop(while: isWrapping)
        return String(tail[..<(tail.lastIndex { !isWrapping($0) }.map(tail.index(after:)) ?? tail.startIndex)])
    }

    private func judge(query: Substring) -> CallbackVerdict {
        guard let query = CallbackQuery(query) else { return .foreign(.malformed) }
        // Any page can send a browser here, so nothing counts without the state, a refusal no more than a code.
        guard let theirs = query.state, state.matches(theirs) else { return .foreign(.otherState) }
        if let error = query.error { return .refused(Self.word(error)) }
        guard let code = query.code else { return .foreign(.noCode) }
        return Self.verdict(on: code)
    }

    private static func verdict(on code: Secret) -> CallbackVerdict {
        let bytes = code.exposed.utf8
        guard !bytes.isEmpty else { return .foreign(.noCode) }
        guard bytes.count <= maximumCode, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .foreign(.malformed)
        }
        return .code(code)
    }

    /// A path, and the query behind it. What follows a number sign no server gets to see.
    private static func parts(of target: String) -> (path: Substring, query: Substring?) {
        guard let mark = target.firstIndex(of: "?") else { return (target[...], nil) }
        return (target[..<mark], target[target.index(after: mark)...].prefix { $0 != "#" })
    }

    /// What may be repeated of a provider's reason.
    private static func word(_ text: String) -> String {
        let isWord =
            (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        return isWord ? text : "no reason given"
    }
}
