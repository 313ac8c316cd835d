package import AlulaPrimitives
package import AlulaProtocol

extension APIKey {
    /// A fresh key from the system's generator. Its text is returned here and kept nowhere.
    package static func make(
        name: String, at time: Timestamp, expiresAt: Timestamp? = nil, limits: APIKeyLimits
    ) -> (text: Secret, key: APIKey) {
        var generator = SystemRandomNumberGenerator()
        let text = text(of: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        let digest = APIKeyDesk.digest(of: text)
        return (text, APIKey(name: name, digest: digest, createdAt: time, expiresAt: expiresAt, limits: limits))
    }
}
