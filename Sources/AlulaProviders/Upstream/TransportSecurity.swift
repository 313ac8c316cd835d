import AlulaAuth
import AlulaInference
import AlulaPrimitives
import NIOSSL
import Synchronization

extension CallTransport {
    /// What a connection goes by; `nil` for nothing particular. It may take a while: keys are opened with passphrases.
    ///
    /// - Throws: ``AttemptFailure`` for what is no certificate or key. Nothing stands in for it.
    func security() throws(AttemptFailure) -> TLSConfiguration? {
        guard authorities != nil || certificate != nil || key != nil else { return nil }
        var security = TLSConfiguration.makeClientConfiguration()
        if let authorities {
            security.trustRoots = .certificates(try Self.certificates(authorities, "tls.ca"))
        }
        if let certificate {
            security.certificateChain = try Self.certificates(certificate, "tls.cert").map { .certificate($0) }
        }
        if let key {
            do {
                let bytes = Array(key.exposed.utf8)
                security.privateKey = .privateKey(
                    try passphrase.map { passphrase in
                        try NIOSSLPrivateKey(bytes: bytes, format: .pem) { $0(Array(passphrase.exposed.utf8)) }
                    } ?? NIOSSLPrivateKey(bytes: bytes, format: .pem))
            } catch {
                throw Self.unusable("tls.key")
            }
        }
        return security
    }

    private static func certificates(_ text: Secret, _ name: String) throws(AttemptFailure) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do { found = try NIOSSLCertificate.fromPEMBytes(Array(text.exposed.utf8)) } catch { throw unusable(name) }
        guard !found.isEmpty else { throw unusable(name) }
        return found
    }

    private static func unusable(_ name: String) -> AttemptFailure {
        AttemptFailure(
            judgement: .failure(.unclassified), message: "`request.\(name)` of the provider is not what it should be.")
    }

    /// Whether a connection goes by the same.
    fileprivate func isAsSecure(as other: CallTransport) -> Bool {
        func isSame(_ mine: Secret?, _ theirs: Secret?) -> Bool {
            guard let mine, let theirs else { return mine == nil && theirs == nil }
            return mine.matches(theirs)
        }
        return isSame(authorities, other.authorities) && isSame(certificate, other.certificate)
            && isSame(key, other.key) && isSame(passphrase, other.passphrase)
    }
}

/// What connections go by, made once for each setting: calls that go by the same can share connections.
final class SecurityMemory: Sendable {
    /// More than anybody configures; the oldest goes.
    private static let maximum = 16

    private let known = Mutex<[(transport: CallTransport, security: TLSConfiguration)]>([])

    subscript(transport: CallTransport) -> TLSConfiguration? {
        known.withLock { known in known.first { $0.transport.isAsSecure(as: transport) }?.security }
    }

    func keep(_ security: TLSConfiguration, for transport: CallTransport) {
        known.withLock { known in
            known.append((transport, security))
            if known.count > Self.maximum { known.removeFirst() }
        }
    }
}
