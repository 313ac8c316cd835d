import AlulaAuth
import AlulaModels
import AlulaPrimitives
import Crypto

extension FuzzTarget {
    /// What a browser or a person brings back from signing in; `@@` is the attempt's state.
    static let callbacks = FuzzTarget("callbacks", maximumBytes: 12_288) { input in
        let (mine, rival) = (attempt(1), attempt(2))
        let state = mine.url.split(separator: "&").last?.dropFirst("state=".count) ?? ""
        let text = input.bytes.planting(String(state)).text
        let browser = (mine.judge(target: text), rival.judge(target: text))
        try checkWords(browser.0)
        try require(
            isForeign(browser.0) || isForeign(browser.1), "one browser's answer is an answer to two attempts")
        let person = (mine.judge(pasted: text), rival.judge(pasted: text))
        try checkWords(person.0)
        switch person {
        case (.foreign, _), (_, .foreign): break
        case (.code(let code), .code(let other)):
            // A code alone, which the verifier ties to its attempt.
            try require(code.matches(other) && text.contains(code.exposed), "a code alone is made of something else")
            try require(!text.contains("?"), "an address is an answer to two attempts")
        default: try require(false, "a refusal is an answer to two attempts")
        }
        // What a browser brings may be pasted as well, unless it is written as no person would see it.
        if case .code(let code) = browser.0, !text.contains(where: { $0.isWhitespace || "\"'<>".contains($0) }) {
            guard case .code(let pasted) = person.0, pasted.matches(code) else {
                throw BrokenProperty(description: "a person can't paste what the browser brought")
            }
        }
    }

    private static func attempt(_ seed: UInt8) -> AuthorizationAttempt {
        let entry = AuthorizationEntry(
            url: "https://sign.example/in", redirect: LoopbackRedirect(host: "localhost", port: 1455, path: "/back"),
            scopes: ["openid"], tokenEndpoint: TokenEndpointEntry(url: "https://sign.example/token", clientID: "app"))
        return AuthorizationAttempt(
            entry, clientID: "app", port: 1455,
            random: [UInt8](repeating: seed, count: AuthorizationAttempt.randomBytes),
            digest: { Array(SHA256.hash(data: $0)) })
    }

    private static func isForeign(_ verdict: CallbackVerdict) -> Bool {
        if case .foreign = verdict { true } else { false }
    }

    /// What goes on to a provider or a terminal is harmless.
    private static func checkWords(_ verdict: CallbackVerdict) throws(BrokenProperty) {
        switch verdict {
        case .code(let code):
            let bytes = code.exposed.utf8
            try require(
                (1...4096).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) },
                "a code holds what no code holds")
        case .refused(let reason):
            try require(
                reason.utf8.count <= 64
                    && reason.utf8.allSatisfy { (0x61...0x7A).contains($0) || " _".utf8.contains($0) },
                "a reason holds more than words")
        case .foreign: break
        }
    }
}
