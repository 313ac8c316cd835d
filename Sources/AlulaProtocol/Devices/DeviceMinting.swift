package import AlulaPrimitives

/// Makes what must be unguessable.
package struct DeviceMinting: Sendable {
    package let requestID: @Sendable () -> String
    package let token: @Sendable () -> Secret

    package init(requestID: @escaping @Sendable () -> String, token: @escaping @Sendable () -> Secret) {
        self.requestID = requestID
        self.token = token
    }

    /// Fresh random texts from the system's generator.
    package static let random = DeviceMinting(
        requestID: {
            let digits = Array("0123456789abcdef".utf8)
            let text = randomBytes(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: text[$0], as: UTF8.self) }
            return parts.joined(separator: "-")
        },
        token: { Secret(Base64Text.encoded(randomBytes(32))) })

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
