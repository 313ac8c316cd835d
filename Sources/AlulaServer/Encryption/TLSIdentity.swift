package import AlulaPrimitives
import NIOSSL

/// What the server shows to prove who it is.
package struct TLSIdentity: Sendable {
    let context: NIOSSLContext
    /// The certificate itself, encoded; those that vouch for it are not in it.
    package let leaf: [UInt8]

    /// - Parameters:
    ///   - certificates: PEM, the server's own first.
    ///   - key: PEM, without a passphrase.
    package init(certificates: [UInt8], key: Secret) throws(ServerError) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(certificates)
            guard let first = chain.first else { throw NIOSSLError.failedToLoadCertificate }
            leaf = try first.toDERBytes()
        } catch {
            throw ServerError(
                .certificateUnreadable, "The certificate is no PEM with a certificate in it.", underlying: error)
        }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(bytes: Array(key.exposed.utf8), format: .pem)
        } catch {
            throw ServerError(
                .keyUnreadable, "The certificate's key is no PEM with a private key in it, or has a passphrase.",
                underlying: error)
        }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerError(
                .certificateRefused, "The certificate and its key don't belong together.", underlying: error)
        }
    }
}
