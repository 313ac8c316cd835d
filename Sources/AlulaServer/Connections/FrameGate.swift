import NIOCore
import NIOWebSocket

/// Lets only such frames through as the protocol asks of clients: masked, and without the bits of extensions that nobody
/// agreed on. It sits before the fragments are put together, for the whole message no longer shows what its fragments
/// were.
final class FrameGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    /// The client sent a frame that breaks the protocol; nothing follows.
    struct ForbiddenFrame: Sendable {}

    private var isShut = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isShut else { return }
        let frame = unwrapInboundIn(data)
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            isShut = true
            return context.fireUserInboundEventTriggered(ForbiddenFrame())
        }
        context.fireChannelRead(data)
    }
}
