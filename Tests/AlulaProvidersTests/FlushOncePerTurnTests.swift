import NIOCore
import NIOEmbedded
import Testing

@testable import AlulaProviders

/// Writes of one turn of the loop leave together.
@Suite struct FlushOncePerTurnTests {
    private let channel = EmbeddedChannel()
    private let flushes = FlushCounter()

    init() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandlers([flushes, FlushOncePerTurn()])
    }

    @Test func whatIsWrittenInOneTurnIsFlushedOnce() throws {
        write("head")
        write("body")
        #expect(try written() == [])
        channel.embeddedEventLoop.run()
        #expect(try written() == ["head", "body"])
        #expect(flushes.count == 1)
        write("more")
        channel.embeddedEventLoop.run()
        #expect(try written() == ["more"])
        #expect(flushes.count == 2)
    }

    @Test func whatIsWrittenBeforeTheEndIsSentBeforeIt() throws {
        write("last words")
        channel.close(promise: nil)
        #expect(try written() == ["last words"])
        channel.embeddedEventLoop.run()
        #expect(flushes.count == 1)
    }

    private func write(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    private func written() throws -> [String] {
        var texts: [String] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { texts.append(String(buffer: bytes)) }
        return texts
    }
}

private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func flush(context: ChannelHandlerContext) {
        count += 1
        context.flush()
    }
}
