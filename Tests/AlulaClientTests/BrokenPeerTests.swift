import AlulaPrimitives
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

@testable import AlulaClient

/// What listens is no gateway, or one that breaks off: each has a code of its own, and none keeps the client waiting.
@Suite(.timeLimit(.minutes(1)))
struct BrokenPeerTests {
    /// What the other end does once it has a client.
    enum Manner: String, CaseIterable, Sendable {
        case hangsUpAtOnce
        case talksNonsense
        case upgradesAndSaysNothing
        case upgradesAndHangsUp
        case upgradesAndSendsNonsense
        case upgradesAndSendsAnotherEvent
        case upgradesAndCloses

        var code: ClientError.Code {
            switch self {
            case .hangsUpAtOnce, .talksNonsense: .unreachable
            case .upgradesAndSaysNothing: .timedOut
            case .upgradesAndHangsUp, .upgradesAndCloses: .closed
            case .upgradesAndSendsNonsense, .upgradesAndSendsAnotherEvent: .malformedAnswer
            }
        }
    }

    @Test(arguments: Manner.allCases) func eachBreakHasACodeOfItsOwn(manner: Manner) async throws {
        let listener = try await Self.listen(manner)
        let port = try #require(listener.localAddress?.port)
        // Only a peer that says nothing is waited for.
        let patience: Duration = manner == .upgradesAndSaysNothing ? .milliseconds(200) : .seconds(30)
        let error = await #expect(throws: ClientError.self) {
            _ = try await GatewayClient.connect(
                to: GatewayAddress(host: "127.0.0.1", port: port), as: .init(version: "1"),
                deadline: .after(patience))
        }
        #expect(error?.code == manner.code)
        try await listener.close()
    }

    private static func listen(_ manner: Manner) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                switch manner {
                case .hangsUpAtOnce:
                    return channel.close()
                case .talksNonsense:
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Nonsense())
                    }
                default:
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                        upgradePipelineHandler: { channel, _ in speak(manner, on: channel) })
                    return channel.pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private static func speak(_ manner: Manner, on channel: any Channel) -> EventLoopFuture<Void> {
        let frame: WebSocketFrame
        switch manner {
        case .upgradesAndHangsUp:
            return channel.close()
        case .upgradesAndSendsNonsense:
            frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: "nonsense"))
        case .upgradesAndSendsAnotherEvent:
            frame = WebSocketFrame(
                fin: true, opcode: .text, data: ByteBuffer(string: #"{"type":"event","event":"tick","payload":{}}"#))
        case .upgradesAndCloses:
            var data = ByteBuffer()
            data.writeInteger(UInt16(1013))
            data.writeString("gateway starting")
            frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        case .upgradesAndSaysNothing, .hangsUpAtOnce, .talksNonsense:
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        channel.writeAndFlush(frame, promise: nil)
        return channel.eventLoop.makeSucceededVoidFuture()
    }
}

/// Speaks first, and another protocol.
private final class Nonsense: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "SSH-2.0-fake\r\n")), promise: nil)
    }
}
