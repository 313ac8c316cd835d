import NIOCore

/// Counts the bytes that arrive before a client was let in, so that a stranger can't have a large message buffered.
final class AdmissionByteGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The client was let in; nothing is counted any more.
    struct Admitted: Sendable {}
    /// More has arrived than `connect` may need.
    struct LimitExceeded: Sendable {}

    private let maximum: Int
    private var received = 0
    private var isOpen = false
    private var isExceeded = false

    /// - Parameter message: The largest message. Headers of fragments and control messages come on top, so twice as
    ///   much may arrive; the message itself is measured where it is whole.
    init(message: Int) { maximum = 2 * message }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOpen else { return context.fireChannelRead(data) }
        guard !isExceeded else { return }
        received += unwrapInboundIn(data).readableBytes
        guard received <= maximum else {
            isExceeded = true
            context.fireUserInboundEventTriggered(LimitExceeded())
            return
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Admitted else { return context.fireUserInboundEventTriggered(event) }
        isOpen = true
        // An idle connection needs as little as possible. A failure leaves the open gate where it is.
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
