import NIOCore
import Synchronization

/// One caller's connection, as the work for it knows it: when the caller hangs up, the work ends.
final class CallerLine: Sendable {
    private struct State {
        var isGone = false
        weak var work: AnswerWork?
    }

    private let state = Mutex(State())

    /// Has `work` end with the connection. One request of a connection is answered at a time, so it is the only one.
    func watch(_ work: AnswerWork) {
        let isGone = state.withLock { state in
            state.work = work
            return state.isGone
        }
        if isGone { work.end(.hungUp) }
    }

    func hungUp() {
        let work = state.withLock { state in
            state.isGone = true
            return state.work
        }
        work?.end(.hungUp)
    }

    /// The line of a connection; one that nobody watches if it has ended.
    static func of(_ channel: any Channel) async -> CallerLine {
        let loop = channel.eventLoop
        do {
            return loop.inEventLoop ? try find(in: channel) : try await loop.submit { try find(in: channel) }.get()
        } catch {
            // The handler goes with its connection.
            let line = CallerLine()
            line.hungUp()
            return line
        }
    }

    /// On the connection's event loop.
    private static func find(in channel: any Channel) throws -> CallerLine {
        try channel.pipeline.syncOperations.handler(type: HangUpWatch.self).line
    }
}

/// Sees a caller hang up while its answer is made, which nothing else would before the next write.
///
/// A caller that only ends its own sending half counts as gone too: programs do that when they close, and whoever reads an
/// answer to its end keeps both halves open.
final class HangUpWatch: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    let line = CallerLine()

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { line.hungUp() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        line.hungUp()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { line.hungUp() }
}
