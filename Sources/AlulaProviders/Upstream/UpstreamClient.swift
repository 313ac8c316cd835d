import AlulaInference
package import AlulaPrimitives
import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL

/// Sends requests to providers. One for the whole gateway: connections are kept and shared.
///
/// Certificates are verified, redirects are not followed (they would carry a key to somebody else), and whatever goes wrong
/// comes out as an ``AttemptFailure``.
package final class UpstreamClient: Sendable {
    /// Bounds of a call.
    package struct Limits: Hashable, Sendable {
        /// Until a connection stands, encryption included.
        package var connect = Duration.seconds(10)
        /// Silence before the first byte of an answer, and between two pieces of it; for calls without a time of their own.
        package var silence = Duration.seconds(120)
        /// One whole answer that is no stream.
        package var maximumAnswer = ByteCount(bytes: 64 << 20)
        /// What is read of an answer that says that something failed.
        package var maximumError = ByteCount(bytes: 65_536)

        package init() {}
    }

    package let limits: Limits
    private let rules: ProxyRules
    private let clients: [Way: HTTPClient]
    private let explicit: ExplicitProxies
    private let securities = SecurityMemory()

    /// How a client reaches providers.
    private struct Way: Hashable {
        /// Through the proxy for this kind of address; `nil` means without one.
        var proxy: ProxyRules.Scheme?
        /// Whether it bears any silence.
        var isPatient: Bool
    }

    /// - Parameter proxies: Which addresses are reached through another machine.
    package init(group: any EventLoopGroup, limits: Limits = Limits(), proxies: ProxyRules = ProxyRules()) {
        self.limits = limits
        rules = proxies
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: TimeAmount(limits.connect), read: TimeAmount(limits.silence))
        // Nobody asks for compression; who compresses all the same is understood, within bounds.
        configuration.decompression = .enabled(limit: .size(limits.maximumAnswer.bytes))
        // Each call under way has a connection of its own. What bounds calls is how many callers there are: behind a lower
        // limit a provider that hangs would keep those waiting that it would answer.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16_384
        // Another login or model may answer, so a server that refuses is not asked again and again.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Spans that nobody collects cost something all the same.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = { channel in
            Self.flushOncePerTurn(channel).flatMap {
                // A connection keeps its last buffer, also while a stream is open for long, whose pieces are short.
                channel.setOption(
                    .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
            }
        }
        configuration.http2ConnectionDebugInitializer = { Self.flushOncePerTurn($0) }
        var clients: [Way: HTTPClient] = [:]
        for isPatient in [false, true] {
            configuration.timeout.read = isPatient ? nil : TimeAmount(limits.silence)
            for scheme in [nil] + ProxyRules.Scheme.allCases.map(Optional.some) {
                let proxy = scheme.flatMap { proxies.proxy(for: $0) }
                guard scheme == nil || proxy != nil else { continue }
                configuration.proxy = proxy.map { .init($0) }
                clients[Way(proxy: scheme, isPatient: isPatient)] = HTTPClient(
                    eventLoopGroupProvider: .shared(group), configuration: configuration)
            }
        }
        self.clients = clients
        configuration.proxy = nil
        explicit = ExplicitProxies(group: group, configuration: configuration, silence: limits.silence)
    }

    /// Called on the channel's event loop.
    private static func flushOncePerTurn(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            // Next to the socket, behind encryption.
            try channel.pipeline.syncOperations.addHandler(FlushOncePerTurn(), position: .first)
        }
    }

    /// Closes all connections. Nothing may be sent afterwards.
    package func shutdown() async {
        for client in Array(clients.values) + explicit.takeAll() {
            // What can't be closed any more is closed already.
            do { try await client.shutdown() } catch {}
        }
    }

    /// Who sends to an address.
    ///
    /// - Throws: ``AttemptFailure`` when the proxy for it can't be used.
    private func client(
        for url: String, through proxy: Secret?, isPatient: Bool
    ) throws(AttemptFailure) -> HTTPClient {
        if let proxy { return try explicit.client(through: proxy, isPatient: isPatient) }
        var way = Way(isPatient: isPatient)
        switch rules.route(to: url) {
        case .direct: break
        case .proxy(let scheme): way.proxy = scheme
        case .unusable(let variable):
            throw AttemptFailure(
                FailureReport(
                    code: "ECONNREFUSED",
                    message: "The proxy in the variable \(variable) can't be used: http://HOST:PORT is needed."))
        }
        guard let client = clients[way] else { preconditionFailure("A proxy is meant that has no client.") }
        return client
    }

    /// Sends a request and returns once the head of the answer is there.
    ///
    /// - Parameters:
    ///   - body: Empty for a method that has none.
    ///   - transport: How the owner wants the provider to be reached.
    ///   - isTimed: Whether the answer as a whole has to be there by the deadline, however long it is silent
    ///     before; else the deadline is for its head, and silence ends it.
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func send(
        _ url: String, method: HTTPMethod = .POST, headers: [(name: String, value: String)], body: [UInt8],
        by transport: CallTransport? = nil, until deadline: Deadline, isTimed: Bool = false
    ) async throws -> UpstreamAnswer {
        let client = try client(for: url, through: transport?.proxy, isPatient: isTimed)
        let request = try Self.request(
            url, method, headers: headers, body: body, security: transport.flatMap { securities[$0] })
        try Task.checkCancellation()
        let call = UpstreamCall(time: isTimed ? .whole : .head)
        let rest = UpstreamBody(call)
        call.begin(client.execute(request: request, delegate: call), until: deadline)
        guard case .head(let head) = try await call.next() else {
            throw Self.failure(HTTPClientError.remoteConnectionClosed)
        }
        return UpstreamAnswer(head, rest)
    }

    private static func request(
        _ url: String, _ method: HTTPMethod, headers: [(name: String, value: String)], body: [UInt8],
        security: TLSConfiguration?
    ) throws -> HTTPClient.Request {
        var fields = HTTPHeaders()
        for header in headers { fields.replaceOrAdd(name: header.name, value: header.value) }
        fields.replaceOrAdd(name: "accept-encoding", value: "identity")
        do {
            return try HTTPClient.Request(
                url: url, method: method, headers: fields,
                body: method == .GET ? nil : .byteBuffer(ByteBuffer(bytes: body)), tlsConfiguration: security)
        } catch {
            throw failure(error)
        }
    }

    /// Sends a request with a login, and once more where the provider refuses the login and it can be renewed.
    ///
    /// - Parameter headers: Made of the login that is sent.
    /// - Returns: The last answer, and the login that it is for.
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func send(
        _ url: String, method: HTTPMethod = .POST, as login: OpenedLogin,
        headers: (OpenedLogin) -> [(name: String, value: String)], body: [UInt8], until deadline: Deadline,
        isTimed: Bool = false
    ) async throws -> (UpstreamAnswer, OpenedLogin) {
        let answer = try await send(
            url, method: method, headers: headers(login), body: body, by: login.transport, until: deadline,
            isTimed: isTimed)
        guard answer.status == 401, let renewal = login.renewal else { return (answer, login) }
        let renewed: OpenedLogin
        do {
            renewed = try await renewal()
        } catch is AttemptFailure {
            // That is told elsewhere; here the provider's own words say more.
            return (answer, login)
        }
        let second = try await send(
            url, method: method, headers: headers(renewed), body: body, by: renewed.transport, until: deadline,
            isTimed: isTimed)
        return (second, renewed)
    }

    /// Asks for what is at an address, with a login that is renewed as for ``send(_:method:as:headers:body:until:isTimed:)``.
    /// The whole answer has to be there by the deadline.
    func get(
        _ url: String, as login: OpenedLogin, headers: (OpenedLogin) -> [(name: String, value: String)],
        until deadline: Deadline
    ) async throws -> (UpstreamAnswer, OpenedLogin) {
        try await send(url, method: .GET, as: login, headers: headers, body: [], until: deadline, isTimed: true)
    }

    /// What an error of the connection means; `CancellationError` stays one.
    static func failure(_ error: any Error) -> any Error {
        if error is CancellationError || error is AttemptFailure { return error }
        let (code, message): (String, String)
        switch error {
        case let error as HTTPClientError:
            if error == .cancelled { return CancellationError() }
            (code, message) = words(for: error)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            (code, message) = ("ECONNRESET", "A secure connection to the provider could not be made.")
        case is NIOConnectionError, is IOError:
            (code, message) = ("ECONNREFUSED", "The provider could not be reached.")
        case is HTTPParserError: (code, message) = ("ECONNRESET", "The provider's answer is no HTTP.")
        case is NIOHTTPDecompression.DecompressionError:
            (code, message) = ("ECONNRESET", "The provider's answer can't be unpacked.")
        default: (code, message) = ("ECONNRESET", "The connection to the provider broke.")
        }
        return AttemptFailure(FailureReport(code: code, message: message))
    }

    private static func words(for error: HTTPClientError) -> (String, String) {
        switch error {
        case .proxyAuthenticationRequired:
            ("ECONNREFUSED", "The proxy wants another password than the environment has.")
        case .invalidProxyResponse, .httpProxyHandshakeTimeout:
            ("ECONNREFUSED", "The proxy did not let the connection to the provider through.")
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            ("ETIMEDOUT", "The provider could not be reached in time.")
        case .readTimeout, .deadlineExceeded, .writeTimeout:
            ("ETIMEDOUT", "The provider did not answer in time.")
        case .invalidURL, .emptyHost, .emptyScheme: ("EAI_AGAIN", "The provider's base URL is none.")
        default: ("ECONNRESET", "The connection to the provider broke.")
        }
    }
}

extension UpstreamClient {
    /// Reads the certificates and keys that a call goes by, unless they are known.
    ///
    /// - Throws: ``AttemptFailure`` for what is none, `CancellationError`.
    func prepare(_ transport: CallTransport?, on texts: TextWork) async throws {
        guard let transport, securities[transport] == nil else { return }
        // Opening a key with its passphrase is made to take long.
        let size = transport.passphrase == nil ? 0 : Int.max
        let security = try await texts.work(on: size) { () throws(AttemptFailure) in try transport.security() }
        if let security { securities.keep(security, for: transport) }
    }
}

extension HTTPClient.Configuration.Proxy {
    init(_ proxy: ProxyRules.Proxy) {
        switch proxy.kind {
        case .socks: self = .socksServer(host: proxy.host, port: proxy.port)
        case .http:
            let words = proxy.credentials?.exposed.split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            self = .server(
                host: proxy.host, port: proxy.port,
                authorization: words.map { .basic(username: String($0[0]), password: String($0[1])) })
        }
    }
}
