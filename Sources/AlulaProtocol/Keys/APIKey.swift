package import AlulaInference
package import AlulaModels
package import AlulaPrimitives

/// What a program was given to ask models with, so that it need not know the gateway's own secret.
///
/// The key itself is kept nowhere: only its digest is.
package struct APIKey: Hashable, Sendable {
    /// What every key begins with, so that people and scanners know one when they see it.
    package static let prefix = "alula-"
    /// Longest name, in bytes.
    package static let maximumName = 64

    /// What its owner calls it; unique.
    package let name: String
    /// SHA-256 of the key.
    package let digest: [UInt8]
    package let createdAt: Timestamp
    /// When it ends by itself, or `nil` for never.
    package let expiresAt: Timestamp?
    package let limits: APIKeyLimits

    package init(
        name: String, digest: [UInt8], createdAt: Timestamp, expiresAt: Timestamp? = nil,
        limits: APIKeyLimits = APIKeyLimits()
    ) {
        self.name = name
        self.digest = digest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.limits = limits
    }

    /// Tells keys apart that had one name after the other: the beginning of the digest.
    package var id: String { Base64Text.encoded(Array(digest.prefix(6))) }

    /// Who asks with this key.
    package var caller: RequestCaller { RequestCaller(keyName: name, models: limits.models) }

    package func hasExpired(at time: Timestamp) -> Bool { expiresAt.map { $0 <= time } ?? false }

    /// Whether `text` can be a name: letters, digits, dots, dashes and underscores, at most ``maximumName`` of them.
    package static func isName(_ text: String) -> Bool {
        (1...maximumName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The text of a key out of unguessable bytes.
    package static func text(of bytes: [UInt8]) -> Secret { Secret(prefix + Base64Text.encoded(bytes)) }

    /// Whether `secret` is meant to be a key of this kind, whether or not there is such a one.
    package static func isMeant(by secret: Secret) -> Bool { secret.exposed.hasPrefix(prefix) }
}

/// What a key's holder may do at most.
package struct APIKeyLimits: Hashable, Sendable {
    /// The most requests in a minute that can be asked for; each is remembered for that minute.
    package static let maximumRequestsPerMinute = 100_000

    /// The models that may be asked; empty for all.
    package var models: [ModelPattern]
    /// In any minute; `nil` for no limit.
    package var requestsPerMinute: Int?
    /// In a day (UTC), asked and answered ones together; `nil` for no limit.
    package var tokensPerDay: Int?

    package init(models: [ModelPattern] = [], requestsPerMinute: Int? = nil, tokensPerDay: Int? = nil) {
        self.models = models
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
    }
}
