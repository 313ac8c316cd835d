import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A WebSocket to a gateway: whole messages in, whole messages out.
struct FrameChannel: Sendable {
    /// What arrives.
    enum Incoming: Sendable {
        case message([UInt8])
        /// The peer closes, with its code and reason.
        case closed(code: UInt16, reason: String)
    }

    /// Largest message, as the gateway's own limit.
    static let maximumMessage = 26_214_400

    /// Messages that may wait for whoever reads.
    static let maximumWaiting = 4096

    /// What arrives. When more than ``maximumWaiting`` messages wait, it ends with an error and so does the connection.
    let incoming: AsyncThrowingStream<Incoming, any Error>
    private let channel: any Channel

    /// Connects and upgrades.
    static func connect(_ address: GatewayAddress, timeout: Duration) async throws -> FrameChannel {
        let (stream, continuation) = AsyncThrowingStream<Incoming, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(maximumWaiting))
        let upgraded: EventLoopFuture<(any Channel)?> = try await ClientBootstrap(
            group: MultiThreadedEventLoopGroup.singleton
        )
        .connectTimeout(TimeAmount(timeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let promise = channel.eventLoop.makePromise(of: (any Channel)?.self)
                if address.isEncrypted {
                    try channel.pipeline.syncOperations.addHandlers(
                        ClientEncryption.handler(for: address), EncryptionWatch { promise.fail($0) })
                }
                limit(try configure(channel, address, continuation), on: channel, to: timeout, promise)
                return promise.futureResult
            }
        }
        guard let channel = try await upgraded.get() else {
            throw ClientError(.unreachable, "What listens there is no gateway, or it is too busy for another client.")
        }
        return FrameChannel(incoming: stream, channel: channel)
    }

    /// Sends one text message.
    func send(_ bytes: [UInt8]) async throws {
        let frame = WebSocketFrame(
            fin: true, opcode: .text, maskKey: .random(), data: channel.allocator.buffer(bytes: bytes))
        try await channel.writeAndFlush(frame)
    }

    /// Says goodbye and ends the connection.
    func close() async {
        var data = channel.allocator.buffer(capacity: 2)
        data.write(webSocketErrorCode: .normalClosure)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data)
        // Whether the goodbye arrives makes no difference any more.
        channel.writeAndFlush(frame, promise: nil)
        channel.close(promise: nil)
        channel.closeFuture.whenComplete { _ in }
    }

    /// Ends the wait for an upgrade when the other end says nothing to it, or hangs up.
    private static func limit(
        _ upgraded: EventLoopFuture<(any Channel)?>, on channel: any Channel, to timeout: Duration,
        _ promise: EventLoopPromise<(any Channel)?>
    ) {
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(ClientError(.timedOut, "The gateway did not answer in time."))
            channel.close(promise: nil)
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        upgraded.cascade(to: promise)
        // Nothing else ends the upgrade when the other end hangs up; what it said before comes first.
        channel.closeFuture.whenComplete { _ in
            channel.eventLoop.execute {
                promise.fail(ClientError(.unreachable, "What listens there is no gateway, or it hung up."))
            }
        }
    }

    private static func configure(
        _ channel: any Channel, _ address: GatewayAddress,
        _ continuation: AsyncThrowingStream<Incoming, any Error>.Continuation
    ) throws -> EventLoopFuture<(any Channel)?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<(any Channel)?>(maxFrameSize: maximumMessage) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4096,
                        maxAccumulatedFrameSize: maximumMessage))
                try channel.pipeline.syncOperations.addHandler(MessageForwarder(continuation))
                return channel
            }
        }
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: address.authority)
        headers.add(name: "User-Agent", value: "alula")
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration<(any Channel)?>(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: HTTPRequestHead(
                    version: .http1_1, method: .GET, uri: address.path, headers: headers),
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in channel.close().map { nil } }))
        // The gateway speaks first, in the same packet as the upgrade.
        configuration.leftOverBytesStrategy = .forwardBytes
        // The end may come before anything in the pipeline listens for it.
        channel.closeFuture.whenComplete { _ in continuation.finish() }
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
    }
}

/// Hands whole messages to the stream and answers pings.
private final class MessageForwarder: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let continuation: AsyncThrowingStream<FrameChannel.Incoming, any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<FrameChannel.Incoming, any Error>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text, .binary:
            hand(.message(Array(bytes.readableBytesView)), context)
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: bytes)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            let code = bytes.readInteger(as: UInt16.self) ?? 1005
            hand(.closed(code: code, reason: String(buffer: bytes)), context)
            continuation.finish()
            context.close(promise: nil)
        default:
            break
        }
    }

    /// A message that nobody could read any more would be missed without a trace, so the connection ends instead.
    private func hand(_ incoming: FrameChannel.Incoming, _ context: ChannelHandlerContext) {
        guard case .dropped = continuation.yield(incoming) else { return }
        continuation.finish(
            throwing: ClientError(
                .closed, "The gateway sent more than this program took in; the connection was closed."))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.finish(throwing: error)
        context.close(promise: nil)
    }
}
