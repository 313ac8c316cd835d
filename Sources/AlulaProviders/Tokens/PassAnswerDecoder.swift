package import AlulaAuth
import AlulaInference
import AlulaJSON
package import AlulaPrimitives

/// What a provider's answer means that was asked for a pass: `{"token", "expires_at", "refresh_in", "endpoints": {"api"}}`, or why
/// there is none: `{"message", "error_details": {"message", "notification_id"}}`.
package struct PassAnswerDecoder {
    private static let maximumToken = 16_384
    /// The longest words of a provider's that are kept, in code points.
    private static let maximumWords = 300
    /// A pass that is said to last longer lasts as long.
    private static let maximumTime = 24 * 3600.0
    /// What tells seconds since 1970 from milliseconds.
    private static let smallestMilliseconds = 1e11

    private let isLocal: Bool
    private let stored: Secret

    /// - Parameters:
    ///   - isLocal: Whether the answer comes from a server on this machine, which may name itself as the API.
    ///   - stored: What was sent; it is taken out of the provider's words.
    package init(isLocal: Bool, stored: Secret) {
        self.isLocal = isLocal
        self.stored = stored
    }

    /// - Throws: ``PassFailure``.
    package func decode(
        status: Int, _ bytes: [UInt8], retryAfter: Duration? = nil
    ) throws(PassFailure) -> Pass {
        let value = TokenAnswerDecoder.parse(bytes)
        guard (200...299).contains(status) else { throw failure(status, value, retryAfter) }
        guard let object = value?.object else { throw Self.malformed("is no JSON object") }
        guard let text = object["token"]?.string, (1...Self.maximumToken).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            // Some say 200 and mean an error.
        else {
            if object["error_details"] != nil || object["message"] != nil { throw failure(403, value, retryAfter) }
            throw Self.malformed("has no token")
        }
        let refreshIn = object["refresh_in"]?.amount.flatMap { seconds in
            seconds >= 1 ? Duration.seconds(min(seconds, Self.maximumTime)) : nil
        }
        guard let end = Self.end(object["expires_at"]) else { throw Self.malformed("does not say when its token ends") }
        return Pass(
            token: Secret(text),
            baseURL: baseURL(object["endpoints"]?["api"]?.string) ?? baseURL(Self.partner(in: text)), end: end,
            refreshIn: refreshIn)
    }

    // MARK: Parts

    /// Seconds since 1970, or milliseconds, either of which some write as a text.
    private static func end(_ value: JSONValue?) -> Timestamp? {
        guard let number = value?.amount, number > 0 else { return nil }
        return Timestamp(validating: number < smallestMilliseconds ? number * 1000 : number)
    }

    /// A base URL where an account's calls may go: an encrypted one, since GitHub's word comes encrypted too.
    private func baseURL(_ text: String?) -> String? {
        guard let text = text?.baseAddress else { return nil }
        let isEncrypted = text.hasPrefix("https://")
        guard isEncrypted || isLocal && text.hasPrefix("http://127.0.0.1:") else { return nil }
        let host = text.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" }
        let isHost = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        guard isHost, let first = host.first, first.isLetter || first.isNumber,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { return nil }
        return text
    }

    /// The API beside the other service that a token names: `…;proxy-ep=proxy.individual.githubcopilot.com;…`
    private static func partner(in token: String) -> String? {
        for member in token.split(separator: ";") where member.hasPrefix("proxy-ep=") {
            var host = member.dropFirst("proxy-ep=".count)
            for scheme in ["https://", "http://"] where host.hasPrefix(scheme) { host = host.dropFirst(scheme.count) }
            return "https://" + (host.hasPrefix("proxy.") ? "api." + host.dropFirst(6) : host)
        }
        return nil
    }

    // MARK: Failures

    private func failure(_ status: Int, _ value: JSONValue?, _ retryAfter: Duration?) -> PassFailure {
        let details = value?["error_details"]
        let said = details?["message"]?.string ?? value?["message"]?.string ?? value?["error"]?.string
        let redactor = LoginRedactor(OpenedLogin(secret: stored.normalised))
        // Before it is cut, lest a part is left, and after, lest what stood between two parts is gone.
        let words = redactor.redacted(Self.line(redactor.redacted(said ?? "")))
        let notice = details?["notification_id"]?.string ?? ""
        return PassFailure(
            Self.reason(status, words.lowercased(), notice),
            "The provider gives no token for this login: "
                + (words.isEmpty ? "it answered with status \(status)." : "\(words) (\(status))"), status: status,
            retryAfter: retryAfter)
    }

    private static func reason(_ status: Int, _ words: String, _ notice: String) -> FailureReason {
        switch status {
        case 402: return .billing
        // GitHub's way to say that the account, or this kind of token, has no part in Copilot.
        case 404: return .authPermanent
        case 401, 403:
            if words.contains("rate limit") { return .rateLimit }
            let isUnpaid =
                ["no_copilot_access", "subscription_ended"].contains(notice)
                || words.contains("subscription") || words.contains("no access to github copilot")
            return isUnpaid ? .billing : .auth
        default:
            let report = FailureReport(status: status, message: words)
            guard case .failure(let reason) = FailureClassifier.judge(report) else { return .unclassified }
            return reason
        }
    }

    private static func malformed(_ lack: String) -> PassFailure {
        PassFailure(.unclassified, "The provider's answer about a token for this login \(lack).")
    }

    /// One line without what terminals act on.
    private static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(maximumWords) {
            switch scalar.properties.generalCategory {
            case .control where scalar.properties.isWhitespace, .lineSeparator, .paragraphSeparator: line.append(" ")
            case .control, .format, .surrogate, .unassigned, .privateUse: break
            default: line.append(scalar)
            }
        }
        return String(line)
    }
}
