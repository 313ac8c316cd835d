import AlulaMeasuring
import NIOCore
import NIOHTTP1

/// Answers the calls of one connection, one after the other.
final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let book: CallBook
    private var mode: UpstreamMode?
    private var isAuthorized = false
    private var body = ByteBuffer()
    /// The question of the call under way, while whoever asked may still go away.
    private var question: String?
    private var timer: Scheduled<Void>?

    init(book: CallBook) { self.book = book }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            mode = UpstreamMode(path: head.uri)
            isAuthorized = head.headers.first(name: "authorization") == "Bearer \(ChatWords.upstreamKey)"
            body.clear()
        case .body(let part): body.writeImmutableBuffer(part)
        case .end: answer(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        if let question { book.cancelled(question) }
        question = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ context: ChannelHandlerContext) {
        switch mode {
        case .report?:
            let counts = book.counts
            send(
                UpstreamTexts.answer(
                    "200 OK",
                    #"{"asked":\#(counts.asked),"open":\#(counts.open),"cancelled":\#(counts.cancelled)}"#), context)
        case .reportOf(let question)?:
            let found = book.find(question)
            let time = found.cancelledAt.map { "\($0.nanoseconds)" } ?? "null"
            send(UpstreamTexts.answer("200 OK", #"{"open":\#(found.isOpen),"cancelledAt":\#(time)}"#), context)
        case nil: send(UpstreamTexts.answer("404 Not Found", #"{"error":{"message":"No such path."}}"#), context)
        case .whole?, .stream?, .hung?:
            book.asked()
            // Whoever stands in front has to bring the key that belongs here.
            guard isAuthorized, let question = ChatWords.question(in: body.readableBytesView) else {
                let error = #"{"error":{"message":"Without its key or a question."}}"#
                return send(UpstreamTexts.answer("401 Unauthorized", error), context)
            }
            begin(question, context)
        }
    }

    private func begin(_ question: String, _ context: ChannelHandlerContext) {
        guard mode != .whole else { return send(UpstreamTexts.whole(question), context) }
        self.question = question
        book.began(question)
        guard case .stream(let pause, let words)? = mode else { return }
        var bytes = UpstreamTexts.streamHead
        bytes.writeImmutableBuffer(UpstreamTexts.first(question))
        send(bytes, context)
        proceed(from: 1, of: words, every: .milliseconds(pause), at: .now() + .milliseconds(pause), context)
    }

    /// Sends the next word when it is due, and so on to the end. Due times don't drift.
    private func proceed(
        from place: Int, of words: Int, every pause: TimeAmount, at due: NIODeadline, _ context: ChannelHandlerContext
    ) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            guard place < words else { return self.end(context) }
            self.send(UpstreamTexts.word(place, at: .now), context)
            self.proceed(from: place + 1, of: words, every: pause, at: due + pause, context)
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        if let question { book.ended(question) }
        question = nil
        send(UpstreamTexts.end, context)
    }

    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}
