import AlulaPrimitives
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A provider on this machine that issues OAuth tokens. A refresh token `fake-<family>-<number>` is taken once; one that
/// comes again ends its family.
///
/// `GET /families/<family>` answers with `<exchanges> <refusals> <revoked: 0 or 1>`. With `--tell` there is a line for each
/// exchange, `exchange <family>`, and for each refusal, `refusal <family>`.
final class Issuer: Sendable {
    private struct Family {
        var number = 0
        var exchanges = 0
        var refusals = 0
        var isRevoked = false
    }

    private let families = Mutex<[String: Family]>([:])
    /// Whether the token before the newest is answered with the newest again, as providers do that allow for lost answers.
    private let hasGrace: Bool
    /// How long each exchange takes.
    private let delay: Duration
    private let tells: Bool

    init(hasGrace: Bool, delay: Duration, tells: Bool) {
        self.hasGrace = hasGrace
        self.delay = delay
        self.tells = tells
    }

    /// Prints `port <number>` and serves until standard input ends.
    func serve() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Handler(issuer: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        say("port \(server.localAddress?.port ?? 0)")
        while getchar() != EOF {}
        exit(0)
    }

    fileprivate func answer(_ method: HTTPMethod, _ path: String, _ body: String) -> (status: Int, text: String) {
        if method == .GET {
            let name = String(path.split(separator: "/").last ?? "")
            let family = families.withLock { $0[name] ?? Family() }
            return (200, "\(family.exchanges) \(family.refusals) \(family.isRevoked ? 1 : 0)")
        }
        let field = body.split(separator: "&").first { $0.hasPrefix("refresh_token=") }
        let parts = (field?.dropFirst("refresh_token=".count) ?? "").split(separator: "-")
        guard parts.count == 3, parts[0] == "fake", let number = Int(parts[2]) else {
            return (400, #"{"error":"invalid_request"}"#)
        }
        let name = String(parts[1])
        return families.withLock { families in
            var family = families[name] ?? Family()
            defer { families[name] = family }
            let isRepeated = hasGrace && number == family.number - 1
            guard !family.isRevoked, number == family.number || isRepeated else {
                family.refusals += 1
                if tells { say("refusal \(name)") }
                family.isRevoked = true
                return (400, #"{"error":"invalid_grant"}"#)
            }
            family.exchanges += 1
            if tells { say("exchange \(name)") }
            if !isRepeated { family.number += 1 }
            return (
                200,
                #"{"access_token":"access-\#(name)-\#(family.number)","refresh_token":"fake-\#(name)-\#(family.number)","expires_in":3600}"#
            )
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let issuer: Issuer
        private var head: HTTPRequestHead?
        private var body = ""

        init(issuer: Issuer) { self.issuer = issuer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, "")
            case .body(let part): body += String(buffer: part)
            case .end:
                guard let head else { return }
                let answer = issuer.answer(head.method, head.uri, body)
                let context = NIOLoopBound(context, eventLoop: context.eventLoop)
                let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
                context.value.eventLoop.scheduleTask(in: TimeAmount(head.method == .GET ? .zero : issuer.delay)) {
                    handler.value.write(answer, context.value, isLast: head.method == .GET)
                }
            }
        }

        private func write(
            _ answer: (status: Int, text: String), _ context: ChannelHandlerContext, isLast: Bool
        ) {
            let headers: HTTPHeaders = [
                "content-type": "application/json", "content-length": "\(answer.text.utf8.count)",
            ]
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            // Whoever looks reads to the end.
            if isLast { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
