import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import NIOPosix
import Testing

@testable import AlulaClient

@Suite(.timeLimit(.minutes(1)))
struct GatewayClientFailureTests {
    @Test
    func `a port where nothing listens is unreachable`() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await listener.close()
        #expect(await failure(port: port) == .unreachable)
    }

    @Test
    func `a web server that is no gateway is unreachable`() async throws {
        let body = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
        try await withListener(answering: body) { port in
            #expect(await failure(port: port) == .unreachable)
        }
    }

    @Test
    func `a listener that stays silent times out`() async throws {
        try await withListener(answering: nil) { port in
            #expect(await failure(port: port, deadline: .after(.milliseconds(200))) == .timedOut)
        }
    }

    /// The code of the error that connecting fails with.
    private func failure(port: Int, deadline: Deadline = .after(.seconds(30))) async -> ClientError.Code? {
        let error = await #expect(throws: ClientError.self) {
            _ = try await GatewayClient.connect(
                to: GatewayAddress(host: "127.0.0.1", port: port), as: .init(version: "1"), deadline: deadline)
        }
        return error?.code
    }

    /// Listens on a port of its own while `body` runs, and answers whatever arrives with `answer`.
    private func withListener(answering answer: String?, _ body: (Int) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FixedAnswer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await body(try #require(listener.localAddress?.port))
        try await listener.close()
    }
}

/// Answers whatever arrives first with a fixed text, or never.
private final class FixedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var answer: String?

    init(_ answer: String?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let text = answer else { return }
        answer = nil
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
