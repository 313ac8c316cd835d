import AlulaPrimitives
import AlulaSystem
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Decides about the first request of a connection before NIO's upgrade handler sees it.
///
/// That handler drops a request that no upgrader wants; so requests that are no upgrades lose their `Upgrade` header here
/// and travel on to the router. Until the first head is complete nothing else watches the clock, so this does.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What becomes of a request that asks for a WebSocket.
    enum Decision {
        case upgrade
        case refuse(status: HTTPResponseStatus, text: String)
    }

    private let timeout: TimeAmount
    /// Hears once that a first request has come, or that none will.
    private var heard: (() -> Void)?
    private let decide: (HTTPRequestHead) -> Decision
    private var timer: Scheduled<Void>?
    private var isDecided = false
    private var isRefused = false

    init(timeout: Duration, heard: @escaping () -> Void, decide: @escaping (HTTPRequestHead) -> Decision) {
        self.timeout = TimeAmount(timeout)
        self.heard = heard
        self.decide = decide
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: timeout) {
            let (gate, context) = bound.value
            if !gate.isDecided { context.close(promise: nil) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        hear()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        hear()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !isDecided, event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed {
            return context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDecided, error is HTTPParserError else { return context.fireErrorCaught(error) }
        isDecided = true
        timer?.cancel()
        hear()
        refuse(context, .badRequest, "Bad Request")
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After an upgrade raw bytes come through here, so nothing is unwrapped any more.
        if isRefused { return }
        guard !isDecided else { return context.fireChannelRead(data) }
        let part = unwrapInboundIn(data)
        guard case .head(var head) = part else { return context.fireChannelRead(data) }
        isDecided = true
        timer?.cancel()
        hear()
        guard Self.wantsWebSocket(head) else {
            head.headers.remove(name: "upgrade")
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        switch WorkRegister.withWork("upgrade", { decide(head) }) {
        case .upgrade: context.fireChannelRead(data)
        case .refuse(let status, let text): refuse(context, status, text)
        }
    }

    private func hear() {
        heard?()
        heard = nil
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ text: String) {
        isRefused = true
        var headers: HTTPHeaders = [
            "content-type": "text/plain; charset=utf-8", "content-length": "\(text.utf8.count)", "connection": "close",
        ]
        for field in SecurityHeaders.fields { headers.add(name: field.name.rawName, value: field.value) }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private static func wantsWebSocket(_ head: HTTPRequestHead) -> Bool {
        head.method == .GET
            && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && head.headers["sec-websocket-version"] == ["13"] && head.headers["sec-websocket-key"].count == 1
    }
}
