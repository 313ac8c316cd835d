import AlulaConfiguration
import AlulaPrimitives
import AlulaServer
import AlulaState
import AlulaSystem
import Crypto

/// The certificate that the gateway shows: the owner's, or one that it makes for itself and keeps.
struct ServerCertificate {
    /// Certificates and keys are some kilobytes; a long chain is some more.
    private static let maximum = ByteCount.kibibytes(256)

    let settings: TLSSettings
    let layout: StateLayout
    let hostName: String?
    let now: Timestamp

    /// Loads the certificate, and makes it first when there is none. Blocks the calling thread.
    ///
    /// - Throws: ``GatewayStartError/Code/configurationRefused`` with what to mend.
    func load() throws(GatewayStartError) -> TLSIdentity {
        switch (settings.certificatePath, settings.keyPath) {
        case (let certificate?, let key?): return try identity(certificate, key)
        case (nil, nil): break
        default:
            throw GatewayStartError(
                .configurationRefused,
                "gateway.tls needs both certPath and keyPath, or neither, to have a certificate made.")
        }
        guard settings.generatesCertificate else {
            throw GatewayStartError(
                .configurationRefused,
                "gateway.tls is enabled without a certificate: set certPath and keyPath, or autoGenerate to true.")
        }
        let certificate = "\(layout.own)/gateway-certificate.pem"
        let key = "\(layout.own)/gateway-key.pem"
        let (hasCertificate, hasKey) = (try read(certificate) != nil, try read(key) != nil)
        if !hasCertificate || !hasKey { try make(certificate, key) }
        return try identity(certificate, key)
    }

    /// The fingerprint by which clients know a certificate: SHA-256, hexadecimal.
    static func fingerprint(of identity: TLSIdentity) -> String {
        SHA256.hash(data: identity.leaf).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private func make(_ certificate: String, _ key: String) throws(GatewayStartError) {
        do {
            try Directory.make(layout.own)
            let made = try SelfSignedCertificate(
                names: ["localhost"] + [hostName].compactMap { $0 }.filter { $0.allSatisfy(\.isASCII) },
                addresses: [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]], at: now)
            // A certificate whose key is gone must not stay beside another key: nothing could come of the two.
            try DurableFile.remove(certificate)
            // The key first: without it the certificate is worth nothing, and is made again.
            _ = try DurableFile.replace(key, with: Array(made.key.exposed.utf8))
            _ = try DurableFile.replace(certificate, with: Array(made.pem.utf8))
        } catch {
            throw GatewayStartError(
                .stateUnusable, "The gateway's certificate can't be made in \(layout.own).", underlying: error)
        }
    }

    private func identity(_ certificatePath: String, _ keyPath: String) throws(GatewayStartError) -> TLSIdentity {
        guard let certificate = try read(certificatePath) else { throw Self.missing("certificate", certificatePath) }
        guard let key = try read(keyPath) else { throw Self.missing("private key", keyPath) }
        do throws(ServerError) {
            return try TLSIdentity(certificates: certificate.bytes, key: Secret(key.text))
        } catch {
            throw GatewayStartError(
                .configurationRefused, "\(error.message) The files are \(certificatePath) and \(keyPath).",
                underlying: error)
        }
    }

    private func read(_ path: String) throws(GatewayStartError) -> FileContents? {
        do throws(SystemError) {
            return try FileReader.readExisting(path, maximum: Self.maximum)
        } catch {
            throw GatewayStartError(
                .configurationRefused, "\(path), which gateway.tls needs, can't be read: \(error.message)",
                underlying: error)
        }
    }

    private static func missing(_ what: String, _ path: String) -> GatewayStartError {
        GatewayStartError(.configurationRefused, "The \(what) for gateway.tls is not at \(path).")
    }
}
