import AlulaInference
import AlulaPrimitives
import AsyncHTTPClient
import NIOCore
import Synchronization

/// Clients for proxies that the configuration names for single providers: one for each, made when it is first used.
final class ExplicitProxies: Sendable {
    /// Proxies since the start, whose connections are kept; nobody edits that many.
    private static let maximum = 64

    private struct Made {
        let address: Secret
        let isPatient: Bool
        let client: HTTPClient
    }

    private let group: any EventLoopGroup
    private let configuration: HTTPClient.Configuration
    private let silence: Duration
    private let made = Mutex<[Made]>([])

    /// - Parameter configuration: What the clients have in common, without a proxy.
    init(group: any EventLoopGroup, configuration: HTTPClient.Configuration, silence: Duration) {
        self.group = group
        self.configuration = configuration
        self.silence = silence
    }

    /// - Parameter isPatient: Whether it bears any silence.
    /// - Throws: ``AttemptFailure`` for an address that is none. It is not gone around, since it may be there to keep traffic
    ///   in.
    func client(through address: Secret, isPatient: Bool) throws(AttemptFailure) -> HTTPClient {
        guard let proxy = ProxyRules.proxy(address) else { throw Self.unusable }
        return try made.withLock { (made) throws(AttemptFailure) in
            let known = made.first { $0.isPatient == isPatient && $0.address.matches(address) }
            if let known { return known.client }
            guard made.count < Self.maximum else { throw Self.tooMany }
            var configuration = configuration
            configuration.proxy = .init(proxy)
            configuration.timeout.read = isPatient ? nil : TimeAmount(silence)
            let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
            made.append(Made(address: address, isPatient: isPatient, client: client))
            return client
        }
    }

    /// All of them, to be closed by the caller.
    func takeAll() -> [HTTPClient] {
        made.withLock { made in
            defer { made = [] }
            return made.map(\.client)
        }
    }

    private static let unusable = AttemptFailure(
        FailureReport(
            code: "ECONNREFUSED",
            message: "The provider's `request.proxy.url` can't be used: http://HOST:PORT is needed."))
    private static let tooMany = AttemptFailure(
        FailureReport(
            code: "ECONNREFUSED", message: "Too many proxies were configured since the gateway was started."))
}
