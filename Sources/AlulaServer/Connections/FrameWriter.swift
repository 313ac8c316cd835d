import NIOCore
import NIOWebSocket

/// Writes frames and counts what waits to go out. It lives on its connection's event loop.
final class FrameWriter {
    /// What was written and is not yet in the system's buffer.
    private(set) var bufferedBytes = 0
    /// Whether something was written that was not flushed.
    private var needsFlush = false
    private let context: ChannelHandlerContext

    init(context: ChannelHandlerContext) { self.context = context }

    /// - Parameter flushes: Whether the bytes go out at once and not with others, at the end of what was read.
    func write(_ frame: WebSocketFrame, flushes: Bool = true) {
        let size = frame.length
        bufferedBytes += size
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.write(NIOAny(frame)).whenComplete { _ in bound.value.bufferedBytes -= size }
        needsFlush = true
        if flushes { flush() }
    }

    /// Sends out what was written.
    func flush() {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }
}
