import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// What answers about codes to type mean. Nothing of what they say is repeated but the code itself and words of the provider's.
enum DeviceAnswerDecoder {
    private static let maximumCode = 32
    private static let maximumAttempt = 1024
    /// What is kept to where the provider does not say.
    ///
    /// - SeeAlso: RFC 8628, section 3.2.
    private static let standardInterval = Duration.seconds(5)
    private static let maximumTime = 3600.0
    /// Words that mean that nobody will type it any more.
    private static let ends: Set<String> = ["access_denied", "expired_token"]

    /// - Parameter attempt: The member that names the attempt.
    static func code(
        _ answer: TokenPost.Answer, attempt member: String = "device_auth_id"
    ) throws(RenewalFailure) -> DeviceCode {
        guard answer.status != 404 else {
            throw RenewalFailure(.unsupported, "the provider lets nobody sign in with a code now")
        }
        let object = try members(of: answer)
        let text = object["user_code"]?.string ?? object["usercode"]?.string
        guard let text, (1...maximumCode).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let attempt = TokenAnswerDecoder.text(object[member]), attempt.utf8.count <= maximumAttempt
        else { throw RenewalFailure(.malformedAnswer, "the provider's answer has no code to type") }
        return DeviceCode(
            text: text, attempt: Secret(attempt), interval: time(object["interval"]) ?? standardInterval,
            lifetime: time(object["expires_in"]))
    }

    /// - Returns: `nil` while nobody has typed it.
    static func grant(_ answer: TokenPost.Answer) throws(RenewalFailure) -> DeviceGrant? {
        if answer.status == 403 || answer.status == 404 {
            let word = TokenAnswerDecoder.code(in: TokenAnswerDecoder.parse(answer.bytes))
            guard let word, ends.contains(word) else { return nil }
        }
        let object = try members(of: answer)
        guard let code = TokenAnswerDecoder.text(object["authorization_code"]),
            let verifier = TokenAnswerDecoder.text(object["code_verifier"])
        else { throw RenewalFailure(.malformedAnswer, "the provider's answer has no code to redeem") }
        return .code(Secret(code), verifier: Secret(verifier))
    }

    /// - Returns: `nil` while nobody has typed it.
    /// - SeeAlso: RFC 8628, section 3.5, whose words some say with status 200.
    static func standardGrant(_ answer: TokenPost.Answer) throws(RenewalFailure) -> DeviceGrant? {
        let value = TokenAnswerDecoder.parse(answer.bytes)
        let word = TokenAnswerDecoder.code(in: value)
        switch word {
        case "authorization_pending": return nil
        case "slow_down":
            throw RenewalFailure(
                .unreachable, "the provider wants to be asked less often", retryAfter: time(value?["interval"]))
        case .some(let word) where answer.status < 500 && value?["error"] != nil:
            throw RenewalFailure(.refused, "the provider refused the attempt (\(word))")
        default: break
        }
        guard let token = TokenAnswerDecoder.text(try members(of: answer)["access_token"]),
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw RenewalFailure(.malformedAnswer, "the provider's answer has no token") }
        return .token(Secret(token))
    }

    private static func members(of answer: TokenPost.Answer) throws(RenewalFailure) -> JSONObject {
        let value = TokenAnswerDecoder.parse(answer.bytes)
        guard (200...299).contains(answer.status) else {
            throw TokenAnswerDecoder.failure(answer.status, value, answer.bytes, answer.retryAfter, .attempt)
        }
        guard let object = value?.object else {
            throw RenewalFailure(.malformedAnswer, "the provider's answer is no JSON object")
        }
        return object
    }

    /// Seconds, which some write as a text.
    private static func time(_ value: JSONValue?) -> Duration? {
        guard let seconds = value?.amount, seconds > 0 else { return nil }
        return .milliseconds(Int64(min(seconds, maximumTime) * 1000))
    }
}
