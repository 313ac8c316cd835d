import NIOCore
import NIOHTTP1

/// Tells clients that ask before they send a body to send it; some wait a second for that. A body that is too large by its own
/// account is not asked for: the answer that says so is on its way.
///
/// - SeeAlso: RFC 9110, section 10.1.1.
final class ExpectationHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let maximumBytes: Int

    /// - Parameter maximumBytes: The largest body that any address takes.
    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), isWaiting(head) {
            let answer = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
        }
        context.fireChannelRead(data)
    }

    private func isWaiting(_ head: HTTPRequestHead) -> Bool {
        guard head.version != .http1_0, head.headers.first(name: "expect")?.lowercased() == "100-continue" else {
            return false
        }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        return length <= maximumBytes
    }
}
