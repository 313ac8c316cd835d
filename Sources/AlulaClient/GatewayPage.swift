package import AlulaPrimitives
import NIOCore
import NIOHTTP1
import NIOPosix

/// Reads pages that a gateway serves over HTTP beside its WebSocket, such as `/metrics`.
package enum GatewayPage {
    /// The text of one page.
    ///
    /// - Parameters:
    ///   - path: Such as `/metrics`; the path of `address` is not used.
    ///   - bearer: The gateway's token or password.
    ///   - maximum: Largest page.
    /// - Throws: ``ClientError``, ``ClientError/Code/unauthorized`` when the caller may not see the page, or
    ///   `CancellationError`.
    package static func fetch(
        _ path: String, of address: GatewayAddress, bearer: Secret? = nil, maximum: ByteCount = .mebibytes(8),
        deadline: Deadline
    ) async throws -> String {
        let channel: any Channel
        let page: EventLoopFuture<PageReader.Page>
        do {
            (channel, page) = try await connect(address, maximum: maximum, deadline)
        } catch let error as ClientError {
            throw error
        } catch {
            throw ClientError(.unreachable, "No gateway answers there.", underlying: error)
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
        head.headers.add(name: "Host", value: address.authority)
        head.headers.add(name: "User-Agent", value: "alula")
        head.headers.add(name: "Connection", value: "close")
        if let bearer { head.headers.add(name: "Authorization", value: "Bearer \(bearer.exposed)") }
        let answer = try await withTaskCancellationHandler {
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            // A request that can't be sent ends the connection, which fails the page.
            channel.writeAndFlush(HTTPClientRequestPart.end(nil)).whenFailure { _ in channel.close(promise: nil) }
            return try await page.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        try Task.checkCancellation()
        return try text(of: answer, path)
    }

    private static func text(of page: PageReader.Page, _ path: String) throws(ClientError) -> String {
        switch page.status.code {
        case 200: return page.text
        case 401, 403, 429:
            throw ClientError(.unauthorized, "The gateway does not show \(path) to this caller.")
        case 404: throw ClientError(.malformedAnswer, "What listens there has no \(path).")
        default: throw ClientError(.remote, "The gateway answers \(path) with \(page.status.code).")
        }
    }

    private static func connect(
        _ address: GatewayAddress, maximum: ByteCount, _ deadline: Deadline
    ) async throws -> (any Channel, EventLoopFuture<PageReader.Page>) {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(deadline.remaining))
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let promise = channel.eventLoop.makePromise(of: PageReader.Page.self)
                    let timer = channel.eventLoop.scheduleTask(in: TimeAmount(deadline.remaining)) {
                        promise.fail(ClientError(.timedOut, "The gateway did not answer in time."))
                        channel.close(promise: nil)
                    }
                    promise.futureResult.whenComplete { _ in timer.cancel() }
                    // Nothing else ends the wait for a page when the other end hangs up early.
                    channel.closeFuture.whenComplete { _ in
                        promise.fail(ClientError(.closed, "The gateway hung up before its answer was whole."))
                    }
                    if address.isEncrypted {
                        try channel.pipeline.syncOperations.addHandlers(
                            ClientEncryption.handler(for: address), EncryptionWatch { promise.fail($0) })
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(PageReader(promise, maximum: maximum))
                    return (channel, promise.futureResult)
                }
            }
    }
}

/// Puts one answer together.
private final class PageReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    struct Page: Sendable {
        var status: HTTPResponseStatus
        var text: String
    }

    private let promise: EventLoopPromise<Page>
    private let maximum: ByteCount
    private var status: HTTPResponseStatus?
    private var body: [UInt8] = []

    init(_ promise: EventLoopPromise<Page>, maximum: ByteCount) {
        self.promise = promise
        self.maximum = maximum
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let part):
            guard body.count + part.readableBytes <= maximum.bytes else {
                promise.fail(ClientError(.malformedAnswer, "The gateway's answer is larger than \(maximum)."))
                context.close(promise: nil)
                return
            }
            body += part.readableBytesView
        case .end:
            if let status { promise.succeed(Page(status: status, text: String(decoding: body, as: UTF8.self))) }
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Half an answer is no other language; the end of the connection says what happened.
        if error as? HTTPParserError != .invalidEOFState {
            promise.fail(ClientError(.malformedAnswer, "What listens there does not speak HTTP.", underlying: error))
        }
        context.close(promise: nil)
    }
}
