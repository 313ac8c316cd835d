import AlulaPrimitives
import Crypto

/// A certificate that vouches for itself, for a gateway whose owner has none.
///
/// Clients know it by its fingerprint. A library for all of X.509 could write it; this one shape takes a page, and such a
/// library is many times as much code in every start.
struct SelfSignedCertificate {
    /// How long it is valid.
    private static let lifetime = Duration.seconds(10 * 365 * 86_400)

    /// The certificate, encoded.
    let bytes: [UInt8]
    /// The private key as PEM.
    let key: Secret

    /// - Parameters:
    ///   - names: Host names that it is valid for.
    ///   - addresses: IP addresses that it is valid for, as bytes.
    init(names: [String], addresses: [[UInt8]], at now: Timestamp) throws {
        let key = P256.Signing.PrivateKey()
        let algorithm = DERWriter.sequence(DERWriter.identifier([1, 2, 840, 10045, 4, 3, 2]))
        let name = DERWriter.sequence(
            DERWriter.set(DERWriter.sequence(DERWriter.identifier([2, 5, 4, 3]), DERWriter.text("Alula gateway"))))
        var generator = SystemRandomNumberGenerator()
        let serial = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let contents = DERWriter.sequence(
            DERWriter.tagged(0, DERWriter.number([2])), DERWriter.number(serial), algorithm, name,
            DERWriter.sequence(
                // A day earlier, for clients whose clocks are behind.
                DERWriter.time(now.advanced(by: .seconds(-86_400))), DERWriter.time(now.advanced(by: Self.lifetime))),
            name, Array(key.publicKey.derRepresentation),
            DERWriter.tagged(3, Self.extensions(names: names, addresses: addresses)))
        let signature = try key.signature(for: contents).derRepresentation
        bytes = DERWriter.sequence(contents, algorithm, DERWriter.bits(Array(signature)))
        self.key = Secret(key.pemRepresentation)
    }

    /// The certificate as PEM.
    var pem: String {
        let text = Self.base64(bytes)
        var lines = ["-----BEGIN CERTIFICATE-----"]
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
    }

    private static func extensions(names: [String], addresses: [[UInt8]]) -> [UInt8] {
        let subject =
            names.flatMap { DERWriter.element(0x82, Array($0.utf8)) }
            + addresses.flatMap { DERWriter.element(0x87, $0) }
        return DERWriter.sequence(
            // Basic constraints: it vouches for nobody else.
            DERWriter.sequence(
                DERWriter.identifier([2, 5, 29, 19]), DERWriter.yes, DERWriter.octets(DERWriter.sequence())),
            // Key usage: signatures.
            DERWriter.sequence(
                DERWriter.identifier([2, 5, 29, 15]), DERWriter.yes,
                DERWriter.octets(DERWriter.bits([0x80], unused: 7))),
            // Extended key usage: a server.
            DERWriter.sequence(
                DERWriter.identifier([2, 5, 29, 37]),
                DERWriter.octets(DERWriter.sequence(DERWriter.identifier([1, 3, 6, 1, 5, 5, 7, 3, 1])))),
            // Subject alternative names.
            DERWriter.sequence(
                DERWriter.identifier([2, 5, 29, 17]), DERWriter.octets(DERWriter.element(0x30, subject))))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = part.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for position in 0..<4 {
                text.append(position <= part.count ? alphabet[word >> (18 - 6 * position) & 63] : "=")
            }
        }
        return text
    }
}
