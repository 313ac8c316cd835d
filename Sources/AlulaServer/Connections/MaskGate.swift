import NIOCore
import NIOWebSocket

/// Lets only masked frames through, as the protocol asks of clients. It sits before the fragments are put together, for
/// the whole message no longer shows what its fragments were.
final class MaskGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    /// The client sent a frame without a mask; nothing follows.
    struct FrameWithoutMask: Sendable {}

    private var isShut = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isShut else { return }
        guard unwrapInboundIn(data).maskKey == nil else { return context.fireChannelRead(data) }
        isShut = true
        context.fireUserInboundEventTriggered(FrameWithoutMask())
    }
}
