package import AlulaPrimitives

/// What came back from a browser, or from a person in its place, means for an attempt to sign in.
package enum CallbackVerdict: Sendable {
    /// A code to redeem.
    case code(Secret)
    /// The provider or the person said no. The reason is a word of the provider's, such as `access_denied`.
    case refused(String)
    /// It is no answer to this attempt, which goes on.
    case foreign(CallbackFault)
}

/// Why something is no answer to an attempt.
package enum CallbackFault: String, CaseIterable, Sendable {
    /// Another address than the one that the provider sends browsers to.
    case otherPath
    /// It answers another attempt, or somebody made it up.
    case otherState
    case noCode
    /// Members that stand twice, or texts that can't be codes.
    case malformed
}

/// The members of a callback's query that mean something.
///
/// - SeeAlso: RFC 6749, sections 4.1.2 and 4.1.2.1; a member that stands twice is an error by section 3.1.
struct CallbackQuery {
    /// Longer queries are not looked into.
    static let maximumBytes = 8192

    private(set) var code: Secret?
    private(set) var state: Secret?
    private(set) var error: String?

    /// `nil` for what is none.
    init?(_ text: Substring) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = Self.decoded(parts.count == 2 ? parts[1] : "")
            switch Self.decoded(parts[0]) {
            case "code":
                guard code == nil else { return nil }
                code = Secret(value)
            case "state":
                guard state == nil else { return nil }
                state = Secret(value)
            case "error":
                guard error == nil else { return nil }
                error = value
            default: continue
            }
        }
    }

    private static func decoded(_ text: Substring) -> String {
        PercentEncoding.decoded(text.replacing("+", with: " "))
    }
}
