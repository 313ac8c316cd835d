import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Logging
import NIOCore
import NIOWebSocket

/// Carries out what ``ConnectionStateMachine`` decides for one WebSocket. It lives on its connection's event loop.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let core: ServerCore
    private let peer: Peer
    private let connectionID: String
    private var machine: ConnectionStateMachine
    private var context: ChannelHandlerContext?
    private var handshakeTimer: Scheduled<Void>?
    private var pings: RepeatedTask?
    private var unansweredPings = 0
    private var holdsWaitingPlace = true
    private var sequence: Int64 = 0
    private var bufferedBytes = 0
    private var isClosing = false
    private var nextTask = 0
    /// Calls under way. Each ends by itself or is cancelled when the connection ends.
    private var calls: [Int: Task<Void, Never>] = [:]
    private var isReadingPaused = false

    init(core: ServerCore, peer: Peer, connectionID: String) {
        self.core = core
        self.peer = peer
        self.connectionID = connectionID
        machine = ConnectionStateMachine(rules: core.rules, peer: peer, connectionID: connectionID)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        handshakeTimer = context.eventLoop.scheduleTask(in: TimeAmount(core.settings.limits.handshakeTimeout)) {
            let handler = bound.value
            handler.perform(handler.machine.handshakeDeadlinePassed())
        }
        perform(machine.opened(nonce: Self.nonce(), at: core.now()))
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.peerLeft()
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as NIOWebSocketError where error == .invalidFrameLength:
            perform(machine.messageOutgrewLimit())
        case let error as NIOWebSocketFrameAggregator.Error:
            switch error {
            case .didReceiveFragmentBeforeReceivingTextOrBinaryFrame, .receivedNewFrameWithoutFinishingPrevious:
                perform(machine.mustEnd(.protocolError))
            default:
                perform(machine.messageOutgrewLimit())
            }
        case is NIOWebSocketError:
            perform(machine.mustEnd(.protocolError))
        default:
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: shutDown()
        case is AdmissionByteGate.LimitExceeded: perform(machine.messageOutgrewLimit())
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Tells the client and says goodbye.
    private func shutDown() {
        guard let context, !isClosing else { return }
        if machine.caller != nil {
            deliver(
                EncodedEvent("shutdown", payload: ["reason": "gateway stopping", "restartExpectedMs": .null]),
                isDroppable: false)
        }
        perform(machine.mustEnd(.serviceRestart))
        context.flush()
    }

    private func finish() {
        handshakeTimer?.cancel()
        pings?.cancel()
        leaveWaitingPlace()
        core.broadcaster.leave(connectionID)
        for call in calls.values { call.cancel() }
        calls = [:]
        context = nil
    }

    private func leaveWaitingPlace() {
        guard holdsWaitingPlace else { return }
        holdsWaitingPlace = false
        core.waiting.leave(peer.address)
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !machine.hasEnded || frame.opcode == .connectionClose else { return }
        switch frame.opcode {
        case .text:
            let bytes = Array(frame.unmaskedData.readableBytesView)
            guard frame.maskKey != nil else { return perform(machine.mustEnd(.protocolError)) }
            guard String(validating: bytes, as: UTF8.self) != nil else {
                return perform(machine.mustEnd(.invalidText))
            }
            let lockout = machine.isAwaitingConnect ? core.limiter.lockout(of: peer, at: .now) : nil
            perform(machine.messageReceived(bytes, lockout: lockout))
        case .binary, .continuation:
            perform(machine.mustEnd(.binaryMessage))
        case .ping:
            write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData), size: frame.length)
        case .pong:
            unansweredPings = 0
        case .connectionClose:
            machine.peerLeft()
            if isClosing { context.close(promise: nil) } else { echoClose(frame) }
        default:
            perform(machine.mustEnd(.protocolError))
        }
    }

    private func echoClose(_ frame: WebSocketFrame) {
        guard let context else { return }
        isClosing = true
        var data = frame.unmaskedData
        let code = data.readSlice(length: min(2, data.readableBytes)) ?? ByteBuffer()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: code)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func write(_ frame: WebSocketFrame, size: Int) {
        guard let context, !isClosing else { return }
        bufferedBytes += size
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in bound.value.bufferedBytes -= size }
    }

    private func send(_ bytes: [UInt8]) {
        guard let context else { return }
        if bufferedBytes > core.settings.limits.maximumBuffered.bytes {
            return perform(machine.mustEnd(.slowConsumer))
        }
        let data = context.channel.allocator.buffer(bytes: bytes)
        write(WebSocketFrame(fin: true, opcode: .text, data: data), size: bytes.count)
    }

    /// Brings an event; a number is used up even when a slow reader misses the event.
    private func deliver(_ event: EncodedEvent, isDroppable: Bool) {
        guard let caller = machine.caller, !isClosing else { return }
        let number: Int64
        if caller.version == .three {
            number = core.broadcaster.nextSharedSequence()
        } else {
            sequence += 1
            number = sequence
        }
        if isDroppable, bufferedBytes > core.settings.limits.maximumBuffered.bytes { return }
        send(event.encoded(sequence: number))
    }

    // MARK: Deciding

    private func perform(_ actions: [ConnectionStateMachine.Action]) {
        for action in actions {
            switch action {
            case .send(let frame): send(frame.encoded)
            case .admit(let requestID, let admission): admit(requestID, admission)
            case .invoke(let request, let caller): invoke(request, for: caller)
            case .recordFailure: core.limiter.failed(peer, at: .now)
            case .close(let reason): close(reason)
            }
        }
    }

    private func admit(_ requestID: String, _ admission: AdmissionRules.Admission) {
        guard let context else { return }
        handshakeTimer?.cancel()
        leaveWaitingPlace()
        context.pipeline.fireUserInboundEventTriggered(AdmissionByteGate.Admitted())
        let caller = admission.caller
        let snapshot = core.operations.hello(for: caller)
        let hello = HelloPayload(
            caller: caller, serverVersion: core.settings.version, methods: MethodTable.names, events: MethodTable.events,
            snapshot: snapshot, presence: [], stateVersion: core.broadcaster.stateVersion,
            authMode: core.settings.authentication.name, limits: core.settings.limits)
        send(GatewayFrame.response(.init(id: requestID, .success(hello.payload))).encoded)
        if admission.didEmptyScopes {
            core.logger.notice(
                "A client that is not on this machine asked for scopes that its secret alone does not give",
                metadata: [LogKey.connection: "\(connectionID)"])
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        core.broadcaster.join(
            EventBroadcaster.Member(
                caller: caller, loop: context.eventLoop,
                deliver: { event, isDroppable in bound.value.deliver(event, isDroppable: isDroppable) },
                end: { reason in
                    let handler = bound.value
                    handler.perform(handler.machine.mustEnd(reason))
                }))
        let period = TimeAmount(core.settings.limits.pingInterval)
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in bound.value.ping() }
        deliver(
            EncodedEvent("health", payload: snapshot.health, stateVersion: core.broadcaster.stateVersion),
            isDroppable: false)
    }

    private func ping() {
        unansweredPings += 1
        guard unansweredPings <= core.settings.limits.maximumUnansweredPings else {
            return perform(machine.mustEnd(.unansweredPings))
        }
        write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()), size: 2)
    }

    private func invoke(_ request: GatewayFrame.Request, for caller: Caller) {
        guard let context else { return }
        let method: GatewayMethod
        do throws(GatewayError) {
            method = try MethodTable.method(request.method, for: caller)
            let violations = method.schema.violations(in: request.parameters)
            guard violations.isEmpty else { throw GatewayError.invalidParameters(of: request.method, violations) }
        } catch {
            return answer(request.id, .failure(error), error: error)
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (loop, operations, number) = (context.eventLoop, core.operations, nextTask)
        nextTask += 1
        // Kept in `calls`; ends with the method, or with the connection.
        calls[number] = Task {
            let outcome: GatewayFrame.Outcome
            var failure: GatewayError?
            do throws(GatewayError) {
                outcome = .success(try await method.handler(request.parameters, caller, operations))
            } catch {
                failure = error
                outcome = .failure(error)
            }
            // Encoded here, so that a long answer does not hold the event loop.
            let bytes = GatewayFrame.response(.init(id: request.id, outcome)).encoded
            let error = failure
            loop.execute { bound.value.callEnded(number, bytes: bytes, error: error) }
        }
        if calls.count >= core.settings.limits.maximumRequestsInFlight, !isReadingPaused {
            isReadingPaused = true
            context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    private func callEnded(_ number: Int, bytes: [UInt8], error: GatewayError?) {
        calls[number] = nil
        guard let context else { return }
        send(bytes)
        perform(machine.answered(with: error))
        if isReadingPaused, calls.count < core.settings.limits.maximumRequestsInFlight {
            isReadingPaused = false
            context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
    }

    private func answer(_ id: String, _ outcome: GatewayFrame.Outcome, error: GatewayError) {
        send(GatewayFrame.response(.init(id: id, outcome)).encoded)
        perform(machine.answered(with: error))
    }

    /// Sends the close frame, and ends the connection when the peer has answered or the grace is over.
    private func close(_ reason: CloseReason) {
        guard let context, !isClosing else { return }
        var data = context.channel.allocator.buffer(capacity: 2 + reason.text.utf8.count)
        data.writeInteger(reason.code)
        data.writeString(reason.text)
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
        isClosing = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: TimeAmount(core.settings.limits.closeGrace)) {
            bound.value.close(promise: nil)
        }
    }

    /// 128 unguessable bits.
    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        func hexadecimal(_ value: UInt64, digits: Int) -> String {
            let text = String(value & ((1 << (4 * UInt64(digits))) - 1), radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        let (high, low) = (generator.next() as UInt64, generator.next() as UInt64)
        return [
            hexadecimal(high >> 32, digits: 8), hexadecimal(high >> 16, digits: 4), "4" + hexadecimal(high, digits: 3),
            "a" + hexadecimal(low >> 48, digits: 3), hexadecimal(low, digits: 12),
        ].joined(separator: "-")
    }

    /// A fresh id for a connection.
    static func makeConnectionID() -> String { nonce() }
}
