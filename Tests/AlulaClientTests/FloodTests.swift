import AlulaPrimitives
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

@testable import AlulaClient

/// A gateway that sends more than anybody reads.
@Suite(.timeLimit(.minutes(5)))
struct FloodTests {
    @Test func aMessageThatFindsNoPlaceEndsTheConnectionWithAnError() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let hungUp = loop.makePromise(of: Void.self)
        let listener = try await Self.listen(sending: FrameChannel.maximumWaiting + 1, hungUp)
        let port = try #require(listener.localAddress?.port)
        let channel = try await FrameChannel.connect(
            GatewayAddress(host: "127.0.0.1", port: port), timeout: .seconds(60))
        // By then all that finds a place has found it.
        try await hungUp.futureResult.get()
        var count = 0
        let error = await #expect(throws: ClientError.self) { for try await _ in channel.incoming { count += 1 } }
        #expect(count == FrameChannel.maximumWaiting)
        #expect(error?.code == .closed)
        #expect(error?.message.contains("more than this program took in") == true)
        try await listener.close()
    }

    private static func listen(sending count: Int, _ hungUp: EventLoopPromise<Void>) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.closeFuture.cascade(to: hungUp)
                let upgrader = NIOWebSocketServerUpgrader(
                    shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                    upgradePipelineHandler: { channel, _ in
                        for _ in 0..<count {
                            let data = ByteBuffer(string: "{}")
                            channel.write(WebSocketFrame(fin: true, opcode: .text, data: data), promise: nil)
                        }
                        channel.flush()
                        return channel.eventLoop.makeSucceededVoidFuture()
                    })
                return channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}
