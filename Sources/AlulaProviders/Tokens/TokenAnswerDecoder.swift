import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// What a token endpoint's answer means. Nothing of what it says is repeated but a code in plain words: descriptions quote
/// tokens.
///
/// - SeeAlso: RFC 6749, sections 5.1 and 5.2.
enum TokenAnswerDecoder {
    /// Access tokens that are said to last longer last as long.
    private static let maximumLifetime = 10 * 365 * 24 * 3600.0
    /// Codes that mean that the login itself is not taken any more, or not from us.
    private static let refusals: Set<String> = [
        "invalid_grant", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "access_denied", "refresh_token_expired", "refresh_token_invalidated", "token_expired", "invalid_token",
    ]
    /// Words of providers that revoke every token of a login when one is used twice.
    private static let reuse = [
        "refresh_token_reused", "refresh token has already been used",
        "already been used to generate a new access token",
    ]

    /// What was given for tokens, or for a step towards them.
    enum Given: String {
        case refreshToken = "refresh token"
        case code
        /// An attempt to sign in on another device.
        case attempt
    }

    static func decode(
        status: Int, _ bytes: [UInt8], retryAfter: Duration? = nil, for given: Given = .refreshToken
    ) throws(RenewalFailure) -> TokenGrant {
        let value = parse(bytes)
        guard (200...299).contains(status) else { throw failure(status, value, bytes, retryAfter, given) }
        guard let object = value?.object else {
            throw RenewalFailure(.malformedAnswer, "the token endpoint's answer is no JSON object")
        }
        // Some say 200 and mean an error.
        guard let access = text(object["access_token"]) else {
            if object["error"] != nil { throw failure(status, value, bytes, retryAfter, given) }
            throw RenewalFailure(.malformedAnswer, "the token endpoint's answer has no access token")
        }
        return TokenGrant(
            access: Secret(access), refresh: text(object["refresh_token"]).map { Secret($0) },
            idToken: text(object["id_token"]).map { Secret($0) }, lifetime: lifetime(object["expires_in"]))
    }

    /// `nil` for what is no JSON, such as a page for a browser. Why it is none may quote it, and so is left out.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { return nil }
    }

    static func failure(
        _ status: Int, _ value: JSONValue?, _ bytes: [UInt8], _ retryAfter: Duration?, _ given: Given
    ) -> RenewalFailure {
        let said = String(decoding: bytes.prefix(16 << 10), as: UTF8.self).lowercased()
        if given == .refreshToken, reuse.contains(where: said.contains) {
            return RenewalFailure(.reused, "the provider says that the refresh token was used before")
        }
        let code = code(in: value)
        if let code, refusals.contains(code) {
            return RenewalFailure(.refused, "the provider refused the \(given.rawValue) (\(code))")
        }
        switch status {
        case 429:
            return RenewalFailure(
                .unreachable, "the token endpoint wants to be asked later (429)", retryAfter: retryAfter)
        case 408, 500...599:
            return RenewalFailure(.unreachable, "the token endpoint has trouble (\(status))", retryAfter: retryAfter)
        case 300...399:
            return RenewalFailure(.malformedAnswer, "the token endpoint sends elsewhere (\(status))")
        // A refusal in the provider's own words; a page for a browser is somebody else's, on the way.
        case 400, 401, 403:
            guard code != nil || status == 401 else {
                return RenewalFailure(.malformedAnswer, "the token endpoint's answer is no JSON (\(status))")
            }
            return RenewalFailure(.refused, "the provider refused the \(given.rawValue) (\(code ?? "401"))")
        default:
            return RenewalFailure(.malformedAnswer, "the token endpoint's answer is none (\(status))")
        }
    }

    /// `{"error": "…"}`, or OpenAI's `{"error": {"code": "…", "type": "…"}}`. Only what looks like a code is one.
    static func code(in value: JSONValue?) -> String? {
        let error = value?["error"]
        let text = error?.string ?? error?["code"]?.string ?? error?["type"]?.string ?? value?["code"]?.string
        guard let text, (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F })
        else { return nil }
        return text
    }

    static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !Secret(text).isBlank else { return nil }
        return text
    }

    /// Seconds, which some write as a text.
    private static func lifetime(_ value: JSONValue?) -> Duration? {
        guard let seconds = value?.amount, seconds > 0 else { return nil }
        return .milliseconds(Int64(min(seconds, maximumLifetime) * 1000))
    }
}
