import AlulaAuth
import AlulaPrimitives
import NIOCore
import NIOHTTP1

/// Answers the one request of a connection, and closes it.
final class CallbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let desk: CallbackDesk
    private var head: HTTPRequestHead?
    private var isAnswered = false
    private var timer: Scheduled<Void>?

    init(desk: CallbackDesk) { self.desk = desk }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: TimeAmount(desk.patience)) { channel.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body:
            // Whoever sends one is no browser that comes back from signing in.
            show(.otherMethod, context)
        case .end:
            guard let head else { return }
            guard head.method == .GET else { return show(.otherMethod, context) }
            let (page, answer) = desk.take(head.uri)
            show(page, context, then: answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isAnswered else { return }
        show(error is RequestBound.Exceeded ? .tooLong : .malformed, context)
    }

    /// - Parameter answer: Is handed over when the page is on its way, whether or not the browser still takes it.
    private func show(_ page: CallbackPage, _ context: ChannelHandlerContext, then answer: CallbackVerdict? = nil) {
        isAnswered = true
        let head = HTTPResponseHead(version: .http1_1, status: page.status, headers: page.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: page.body)))), promise: nil)
        let (desk, channel) = (desk, context.channel)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            if let answer { desk.hand(over: answer) }
            channel.close(promise: nil)
        }
    }
}

/// Ends a connection that says more than one request is long.
final class RequestBound: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    struct Exceeded: Error {}

    private var left: Int

    init(maximum: ByteCount) { left = maximum.bytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard left >= 0 else { return }
        left -= unwrapInboundIn(data).readableBytes
        if left >= 0 { context.fireChannelRead(data) } else { context.fireErrorCaught(Exceeded()) }
    }
}
