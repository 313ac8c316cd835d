import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A provider on a socket that answers with the very bytes that a test wants, and keeps what it was asked.
final class LoopbackUpstream: Sendable {
    /// What happens on a connection once a request is there whole.
    enum Step: Sendable {
        case write([UInt8])
        case close
        /// Ends the connection as a crashed process would.
        case reset
    }

    private struct State {
        var requests: [String] = []
        var closed = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let channel: any Channel
    let port: Int

    /// Heads and bodies of the requests so far.
    var requests: [String] { state.withLock { $0.requests } }
    var baseURL: String { "http://127.0.0.1:\(port)/v1" }

    private init(channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    /// Serves `steps` to each request while `body` runs. Without a last ``Step/close`` the connection stays open.
    static func run(
        _ steps: [Step], security: TLSConfiguration? = nil, _ body: (LoopbackUpstream) async throws -> Void
    ) async throws {
        try await run(inTurn: [steps], security: security, body)
    }

    /// Serves the first of `scripts` to the first request, and so on; the last one to all that follow.
    static func run(
        inTurn scripts: [[Step]], security: TLSConfiguration? = nil, _ body: (LoopbackUpstream) async throws -> Void
    ) async throws {
        let context = try security.map { try NIOSSLContext(configuration: $0) }
        let box = Mutex<LoopbackUpstream?>(nil)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = Handler { request in
                        let number = box.withLock { $0 }?.state.withLock { state in
                            state.requests.append(request)
                            return state.requests.count
                        }
                        return scripts[min(number ?? 1, scripts.count) - 1]
                    }
                    channel.closeFuture.whenComplete { _ in box.withLock { $0 }?.hasClosed() }
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let upstream = LoopbackUpstream(channel: server)
        box.withLock { $0 = upstream }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(upstream)) } catch { outcome = .failure(error) }
        try await server.close()
        try outcome.get()
    }

    /// Returns once so many connections have ended.
    func closed(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.closed < count { state.watchers.append((count, continuation)) }
                return state.closed >= count
            }
            if isThere { continuation.resume() }
        }
    }

    private func hasClosed() {
        let woken = state.withLock { state in
            state.closed += 1
            let woken = state.watchers.filter { $0.count <= state.closed }
            state.watchers.removeAll { $0.count <= state.closed }
            return woken
        }
        woken.forEach { $0.continuation.resume() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        /// Takes a request, and says what happens then.
        private let heard: (String) -> [Step]
        private var unread: [UInt8] = []

        init(heard: @escaping (String) -> [Step]) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            unread += unwrapInboundIn(data).readableBytesView
            let text = String(decoding: unread, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { return }
            let head = text[..<end.lowerBound].lowercased()
            let length =
                head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
            guard text[end.upperBound...].utf8.count >= length else { return }
            unread = []
            for step in heard(text) {
                switch step {
                case .write(let bytes):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .close: context.close(promise: nil)
                case .reset:
                    let channel = context.channel
                    _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    channel.close(promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    // MARK: Answers

    static func answer(_ status: String, _ type: String, _ body: String, headers: [String] = []) -> [UInt8] {
        let lines =
            ["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + headers
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// The head of a stream that ends with the connection.
    static let streamHead = Array(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".utf8)
}

extension String {
    fileprivate func range(of other: String) -> Range<String.Index>? { ranges(of: other).first }
}
