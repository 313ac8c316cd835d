import AlulaJSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// The two faces that are measured: `GET /healthz`, and a WebSocket with `connect` and `health`.
enum NaiveServer {
    /// A server on one event loop.
    static func bootstrap(group: MultiThreadedEventLoopGroup, timer: LoopTimer) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(NaiveWebSocketHandler(timer: timer))
                            }
                        })
                    let http = NaiveHTTPHandler()
                    let removal = NIOLoopBound(http, eventLoop: channel.eventLoop)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: { context in
                                context.pipeline.syncOperations.removeHandler(removal.value, promise: nil)
                            }
                        ))
                    try channel.pipeline.syncOperations.addHandler(http)
                }
            }
    }
}

/// Answers every request as `/healthz` is answered.
private final class NaiveHTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let body = #"{"ok":true,"status":"live"}"#

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let headers: HTTPHeaders = ["content-type": "application/json", "content-length": "\(Self.body.utf8.count)"]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: Self.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

/// Says hello to whoever comes and answers any method with the loop's lateness.
private final class NaiveWebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let timer: LoopTimer

    init(timer: LoopTimer) { self.timer = timer }

    func handlerAdded(context: ChannelHandlerContext) {
        send(["type": "event", "event": "connect.challenge", "payload": ["nonce": "none", "ts": 0]], context: context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .connectionClose: context.close(promise: nil)
        case .text:
            do {
                let request = try JSONValue.parse(Array(frame.unmaskedData.readableBytesView))
                send(answer(to: request), context: context)
            } catch {
                context.close(promise: nil)
            }
        default: break
        }
    }

    private func answer(to request: JSONValue) -> JSONValue {
        let payload: JSONValue =
            request["method"]?.string == "connect"
            ? ["type": "hello-ok", "protocol": 4]
            : ["ok": true, "eventLoop": ["delayMaxMs": .number(timer.worstMilliseconds)]]
        return ["type": "res", "id": request["id"] ?? "", "ok": true, "payload": payload]
    }

    private func send(_ value: JSONValue, context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: value.serialized()))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
