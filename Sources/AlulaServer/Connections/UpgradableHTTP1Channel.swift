import AlulaPrimitives
import AlulaProtocol
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import NIOWebSocket

/// One connection of the port: HTTP for the router, or a WebSocket.
struct UpgradableHTTP1Channel: HTTPChannelHandler {
    /// What a connection turned out to be.
    enum Negotiated: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        /// The handler in the pipeline does everything, so that an idle client costs no task.
        case webSocket
    }

    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel
    }

    let responder: Responder
    let core: ServerCore

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let core = core
            let address = channel.remoteAddress?.numericAddress ?? "unknown"
            let peer = NIOLoopBoundBox<Peer?>(nil, eventLoop: channel.eventLoop)
            // A place that no handler took over is given back with the connection.
            channel.closeFuture.whenComplete { _ in
                if let peer = peer.value { core.waiting.leave(peer.clientAddress) }
            }
            let place = core.silent.enter(address) {
                core.observer.connectionRefused(ServerEvents.tooManySilent)
                channel.close(promise: nil)
            }
            let gate = UpgradeGate(timeout: core.settings.http.firstRequestTimeout) {
                core.silent.leave(place)
            } decide: { head in
                let arrived = Peer(
                    address: address, host: head.headers.first(name: "host"),
                    fields: head.headers.lazy.map { (name: $0.name, value: $0.value) },
                    trustedProxies: core.access.trustedProxies)
                guard core.waiting.enter(arrived.clientAddress) else {
                    core.observer.connectionRefused(ServerEvents.tooManyWaiting)
                    return .refuse(status: .serviceUnavailable, text: "too many unauthenticated connections")
                }
                peer.value = arrived
                return .upgrade
            }
            let limits = core.settings.limits
            let upgrader = NIOTypedWebSocketServerUpgrader<Negotiated>(
                maxFrameSize: limits.maximumMessage.bytes, enableAutomaticErrorHandling: false,
                shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                upgradePipelineHandler: { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        let sync = channel.pipeline.syncOperations
                        // What is counted is what the client says, not how it is encrypted.
                        let first: ChannelPipeline.SynchronousOperations.Position =
                            core.settings.tls == nil
                            ? .first : .after(try sync.handler(type: NIOSSLServerHandler.self))
                        try sync.addHandler(
                            AdmissionByteGate(message: limits.maximumMessageBeforeAdmission.bytes), position: first)
                        try sync.addHandler(FrameGate())
                        try sync.addHandler(
                            NIOWebSocketFrameAggregator(
                                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4096,
                                maxAccumulatedFrameSize: limits.maximumMessage.bytes))
                        guard let other = peer.value else { throw ChannelError.inappropriateOperationForState }
                        peer.value = nil
                        try sync.addHandler(
                            WebSocketHandler(core: core, peer: other, connectionID: Nonce.make()))
                        let gate = try sync.handler(type: UpgradeGate.self)
                        sync.removeHandler(gate, promise: nil)
                        // What clients send is short as a rule, and an idle one keeps its last buffer.
                        try channel.syncOptions?.setOption(
                            .recvAllocator,
                            value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
                        core.sockets.add(channel)
                        return .webSocket
                    }
                })
            let idleTimeout = core.settings.http.idleTimeout
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Negotiated>(
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let sync = channel.pipeline.syncOperations
                        try sync.addHandler(ExpectationHandler(maximumBytes: core.settings.models.largestBody.bytes))
                        try sync.addHandler(HTTP1ToHTTPServerCodec(secure: core.settings.tls != nil))
                        try sync.addHandler(WriteStallGuard(patience: idleTimeout))
                        try sync.addHandler(HangUpWatch())
                        try sync.addHandler(HTTPConnectionStateHandler(idleTimeout: idleTimeout, logger: logger))
                        // As above: a connection keeps its last buffer, also while a stream is open for long.
                        try channel.syncOptions?.setOption(
                            .recvAllocator,
                            value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
                        return .http(
                            try NIOAsyncChannel(
                                wrappingChannelSynchronously: channel,
                                configuration: .init(isOutboundHalfClosureEnabled: true)))
                    }
                })
            // The router answers in order, and answers parse errors itself.
            configuration.enablePipelining = false
            configuration.enableErrorHandling = false
            configuration.enableResponseHeaderValidation = false
            let http = core.settings.http
            configuration.decoderConfiguration.maxHeaderListSize = http.maximumHeaders.bytes
            configuration.decoderConfiguration.maxHeaderFieldSize = http.maximumHeaders.bytes
            configuration.decoderConfiguration.maxHeaderFieldCount = http.maximumHeaderCount
            let sync = channel.pipeline.syncOperations
            if let tls = core.settings.tls { try sync.addHandler(NIOSSLServerHandler(context: tls.context)) }
            let negotiated = try sync.configureUpgradableHTTPServerPipeline(configuration: configuration)
            let upgrade = try sync.handler(type: NIOTypedHTTPServerUpgradeHandler<Negotiated>.self)
            try sync.addHandler(gate, position: .before(upgrade))
            return Value(negotiated: negotiated, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            guard let channel = await Self.httpChannel(value, logger) else { return }
            await withTaskExecutorPreference(core.executors[channel.channel.eventLoop]) {
                await handleHTTP(asyncChannel: channel, logger: logger)
            }
        } onCancel: {
            // Whoever cancels has waited for the goodbye long enough.
            value.channel.close(promise: nil)
        }
    }

    /// Waits until it is known what a connection is; `nil` for one that needs no task.
    // Its frame is no part of the one that stays with a connection.
    @inline(never)
    private static func httpChannel(
        _ value: Value, _ logger: Logger
    ) async -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>? {
        do {
            if case .http(let channel) = try await value.negotiated.get() { return channel }
        } catch {
            logger.trace("Connection ended", metadata: [LogKey.errorCause: "\(error)"])
            value.channel.close(promise: nil)
        }
        return nil
    }
}

extension SocketAddress {
    /// The address without port and scope.
    var numericAddress: String? {
        guard let address = ipAddress else { return nil }
        return String(address.prefix { $0 != "%" })
    }
}
