import Crypto
import NIOCore
import NIOSSL

/// The client's end of an encrypted connection.
enum ClientEncryption {
    /// - Throws: What NIOSSL throws for a machine without a usable store of certificates.
    static func handler(for address: GatewayAddress) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        let name = isAddress(address.host) ? nil : address.host
        guard let fingerprint = address.fingerprint else {
            return try NIOSSLClientHandler(
                context: NIOSSLContext(configuration: configuration), serverHostname: name)
        }
        // The fingerprint says more than any authority: exactly this certificate.
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: configuration), serverHostname: name,
            customVerificationCallback: { certificates, promise in
                do {
                    let shown = try certificates.first.map { SHA256.hash(data: try $0.toDERBytes()) }
                    let isExpected = shown.map { $0.elementsEqual(fingerprint) } ?? false
                    promise.succeed(isExpected ? .certificateVerified : .failed)
                } catch {
                    promise.fail(error)
                }
            })
    }

    /// Whether `host` is an address, which TLS does not take for a name.
    private static func isAddress(_ host: String) -> Bool {
        do { _ = try SocketAddress(ipAddress: host, port: 0) } catch { return false }
        return true
    }
}

/// Says that the other end could not prove who it is, which would look as if it had only hung up.
final class EncryptionWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let fail: (ClientError) -> Void

    init(_ fail: @escaping (ClientError) -> Void) { self.fail = fail }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError {
            fail(
                ClientError(
                    .unreachable,
                    "No trusted connection to the gateway: it shows another certificate than expected, or speaks no TLS.",
                    underlying: error))
        }
        context.fireErrorCaught(error)
    }
}
