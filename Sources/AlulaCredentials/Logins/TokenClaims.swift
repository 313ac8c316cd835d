import AlulaJSON
import AlulaPrimitives

/// The claims of a JSON web token, read without checking the signature: they say when a login ends and whose it is,
/// and the provider has the last word on both.
struct TokenClaims {
    /// Longer tokens are not looked into.
    static let maximumBytes = 64 << 10

    private let members: JSONObject

    /// `nil` when `token` is no JSON web token.
    init?(_ token: Secret?) {
        guard let text = token?.exposed.trimmed(), text.utf8.count <= Self.maximumBytes else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Self.decodeBase64URL(parts[1]) else { return nil }
        do {
            guard let members = try JSONValue.parse(payload, maximumDepth: 32).object else { return nil }
            self.members = members
        } catch {
            // The text has two dots and is no such token; where it is wrong would show parts of a secret.
            return nil
        }
    }

    /// `exp`, or `nil` when it is absent or no usable instant.
    var expiry: Timestamp? { members["exp"]?.double.flatMap { Timestamp(validating: $0 * 1000) } }
    /// Whom the token is about.
    var subject: String? { StoredProfileDecoder.text(members["sub"])?.trimmed() }
    /// The owner's mail address, in lower case.
    var email: String? {
        StoredProfileDecoder.text(members["email"] ?? members["https://api.openai.com/profile"]?["email"])?
            .trimmed().lowercased()
    }
    /// The account that an OpenAI token is for.
    var openAIAccount: String? {
        StoredProfileDecoder.text(members["https://api.openai.com/auth"]?["chatgpt_account_id"])?.trimmed()
    }
    /// The subscription that an OpenAI token states, such as `plus`.
    var openAIPlan: String? {
        StoredProfileDecoder.text(members["https://api.openai.com/auth"]?["chatgpt_plan_type"])?.trimmed()
    }

    private static func decodeBase64URL(_ text: Substring.UTF8View.SubSequence) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var width = 0
        for character in text {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"), UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "_"), UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            width += 6
            if width >= 8 {
                width -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(width)))
            }
        }
        return bytes
    }
}
