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
        /// Silence before the first byte of an answer, and between two pieces of it.
        package var silence = Duration.seconds(120)
        /// One whole answer that is no stream.
        package var maximumAnswer = ByteCount(bytes: 64 << 20)
        /// What is read of an answer that says that something failed.
        package var maximumError = ByteCount(bytes: 65_536)

        package init() {}
    }

    package let limits: Limits
    private let rules: ProxyRules
    private let client: HTTPClient
    /// Those that go through a proxy.
    private let proxied: [ProxyRules.Scheme: HTTPClient]

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
        // A connection keeps its last buffer, also while a stream is open for long, whose pieces are short.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
        }
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        var proxied: [ProxyRules.Scheme: HTTPClient] = [:]
        for scheme in ProxyRules.Scheme.allCases {
            guard let proxy = proxies.proxy(for: scheme) else { continue }
            configuration.proxy = .init(proxy)
            proxied[scheme] = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        }
        self.proxied = proxied
    }

    /// Closes all connections. Nothing may be sent afterwards.
    package func shutdown() async {
        for client in [client] + proxied.values {
            // What can't be closed any more is closed already.
            do { try await client.shutdown() } catch {}
        }
    }

    /// Who sends to an address.
    ///
    /// - Throws: ``AttemptFailure`` when the proxy for it can't be used.
    private func client(for url: String) throws(AttemptFailure) -> HTTPClient {
        switch rules.route(to: url) {
        case .direct: return client
        case .proxy(let scheme): return proxied[scheme] ?? client
        case .unusable(let variable):
            throw AttemptFailure(
                FailureReport(
                    code: "ECONNREFUSED",
                    message: "The proxy in the variable \(variable) can't be used: http://HOST:PORT is needed."))
        }
    }

    /// Sends a body and returns once the head of the answer is there.
    ///
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func post(
        _ url: String, headers: [(name: String, value: String)], body: [UInt8], until deadline: Deadline
    ) async throws -> UpstreamAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for header in headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        request.headers.replaceOrAdd(name: "accept-encoding", value: "identity")
        request.body = .bytes(ByteBuffer(bytes: body))
        let client = try client(for: url)
        do {
            let response = try await client.execute(request, deadline: .now() + TimeAmount(deadline.remaining))
            return UpstreamAnswer(response)
        } catch {
            throw Self.failure(error)
        }
    }

    /// Sends a body with a login, and once more where the provider refuses the login and it can be renewed.
    ///
    /// - Parameter headers: Made of the login that is sent.
    /// - Returns: The last answer, and the login that it is for.
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func post(
        _ url: String, as login: OpenedLogin, headers: (OpenedLogin) -> [(name: String, value: String)],
        body: [UInt8], until deadline: Deadline
    ) async throws -> (UpstreamAnswer, OpenedLogin) {
        let answer = try await post(url, headers: headers(login), body: body, until: deadline)
        guard answer.status == 401, let renewal = login.renewal else { return (answer, login) }
        let renewed: OpenedLogin
        do {
            renewed = try await renewal()
        } catch is AttemptFailure {
            // That is told elsewhere; here the provider's own words say more.
            return (answer, login)
        }
        return (try await post(url, headers: headers(renewed), body: body, until: deadline), renewed)
    }

    /// What an error of the connection means; `CancellationError` stays one.
    static func failure(_ error: any Error) -> any Error {
        if error is CancellationError { return error }
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

extension HTTPClient.Configuration.Proxy {
    fileprivate init(_ proxy: ProxyRules.Proxy) {
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

/// The beginning of an answer, and the rest as it comes.
struct UpstreamAnswer: Sendable {
    let status: Int
    private let headers: HTTPHeaders
    let body: UpstreamBody

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        headers = response.headers
        body = UpstreamBody(response.body)
    }

    /// `application/json`, in lower case and without parameters; empty when the provider does not say.
    var mediaType: String {
        String((headers.first(name: "content-type") ?? "").prefix { $0 != ";" }).trimmed().lowercased()
    }

    /// How long the provider wants to be left alone. A date is as far away as the provider's own clock says.
    var retryAfter: Duration? { Self.retryAfter { headers.first(name: $0) } }

    static func retryAfter(_ header: (String) -> String?) -> Duration? {
        if let text = header("retry-after-ms"), let time = Double(text), time >= 0, time < 1e9 {
            return .milliseconds(Int64(time))
        }
        guard let text = header("retry-after") else { return nil }
        if let time = Double(text) { return time >= 0 && time < 1e7 ? .milliseconds(Int64(time * 1000)) : nil }
        guard let end = HTTPDate.parse(text), let sent = header("date").flatMap(HTTPDate.parse),
            (sent..<sent.advanced(by: .seconds(10_000_000))).contains(end)
        else { return nil }
        return end.duration(since: sent)
    }
}

/// The body of an answer. One reader at a time: whoever has the answer.
final class UpstreamBody: @unchecked Sendable {
    private var iterator: HTTPClientResponse.Body.AsyncIterator

    init(_ body: HTTPClientResponse.Body) { iterator = body.makeAsyncIterator() }

    /// The next bytes; `nil` at the end.
    ///
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func next() async throws -> ByteBuffer? {
        do { return try await iterator.next() } catch { throw UpstreamClient.failure(error) }
    }

    /// Everything that is left.
    ///
    /// - Parameter truncates: Whether more than `maximum` is left out in place of a failure.
    func rest(upTo maximum: ByteCount, truncates: Bool = false) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let part = try await next() {
            bytes += part.readableBytesView.prefix(maximum.bytes - bytes.count + 1)
            guard bytes.count > maximum.bytes else { continue }
            if truncates { return Array(bytes.prefix(maximum.bytes)) }
            throw AttemptFailure(FailureReport(message: "The provider's answer is larger than the gateway holds."))
        }
        return bytes
    }
}
