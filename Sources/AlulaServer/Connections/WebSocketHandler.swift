import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Logging
import NIOCore
import NIOPosix
import NIOWebSocket

/// Carries out what ``ConnectionStateMachine`` decides for one WebSocket. It lives on its connection's event loop.
final class WebSocketHandler: ChannelInboundHandler, EventReceiving {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let core: ServerCore
    private let peer: Peer
    private let connectionID: String
    /// By which shared secret this connection is judged.
    private let secretGeneration: UInt64
    private let authModeName: String
    private var machine: ConnectionStateMachine
    private var context: ChannelHandlerContext?
    private var writer: FrameWriter?
    private var handshakeTimer: Scheduled<Void>?
    private var unansweredPings = 0
    private var holdsWaitingPlace = true
    private var sequence: Int64 = 0
    private var isClosing = false
    /// Why the gateway ends the connection; `nil` while it does not.
    private var ending: CloseReason?
    private var nextTask = 0
    /// Calls under way. Each ends by itself or is cancelled when the connection ends.
    private var calls: [Int: Task<Void, Never>] = [:]
    private var isReadingPaused = false
    /// Messages that were read before reading paused, at most what one read brings. They wait for their turn.
    private var waitingMessages: [[UInt8]] = []
    /// Whether a long message is being decoded elsewhere; those after it wait.
    private var isDecoding = false
    /// How the parameters of the request at hand break their schema, if that was found out elsewhere.
    private var knownViolations: [SchemaViolation]?
    /// The client's device is being judged; messages wait. It ends within seconds, or is cancelled with the connection.
    private var judging: Task<Void, Never>?
    /// Why the connection ends as soon as its calls are answered.
    private var withdrawal: CloseReason?

    init(core: ServerCore, peer: Peer, connectionID: String) {
        self.core = core
        self.peer = peer
        self.connectionID = connectionID
        let door = core.currentDoor
        secretGeneration = door.secretGeneration
        authModeName = door.access.authentication.name
        machine = ConnectionStateMachine(rules: door.access.rules, peer: peer, connectionID: connectionID)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer = FrameWriter(context: context)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        handshakeTimer = context.eventLoop.scheduleTask(in: TimeAmount(core.settings.limits.handshakeTimeout)) {
            let handler = bound.value
            handler.perform(handler.machine.handshakeDeadlinePassed())
        }
        perform(machine.opened(nonce: Nonce.make(), at: core.now()))
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.peerLeft()
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What still arrives after a faulty frame is faulty as well; ending now would lose the close frame.
        guard !isClosing else { return }
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
        case is FrameGate.ForbiddenFrame: perform(machine.mustEnd(.protocolError))
        // The server keeps half-closed connections for HTTP; a WebSocket peer that stops sending has left.
        case let event as ChannelEvent where event == .inputClosed:
            machine.peerLeft()
            context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Tells the client and says goodbye.
    private func shutDown() {
        guard context != nil, !isClosing else { return }
        if machine.caller != nil {
            deliverHere(
                EncodedEvent("shutdown", payload: ["reason": "gateway stopping", "restartExpectedMs": .null]),
                sharedSequence: core.broadcaster.lastSharedSequence)
        }
        perform(machine.mustEnd(.serviceRestart))
    }

    private func finish() {
        if context != nil { core.observer.connectionEnded(ServerEvents.ending(ending)) }
        handshakeTimer?.cancel()
        leaveWaitingPlace()
        core.broadcaster.leave(connectionID)
        core.presence.left(connectionID)
        for call in calls.values { call.cancel() }
        calls = [:]
        judging?.cancel()
        judging = nil
        waitingMessages = []
        writer = nil
        context = nil
    }

    private func leaveWaitingPlace() {
        guard holdsWaitingPlace else { return }
        holdsWaitingPlace = false
        core.waiting.leave(peer.clientAddress)
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !machine.hasEnded || frame.opcode == .connectionClose else { return }
        switch frame.opcode {
        case .text where isTooLongForNow(frame):
            perform(machine.messageOutgrewLimit())
        case .text:
            let bytes = Array(frame.unmaskedData.readableBytesView)
            if isBusy || !waitingMessages.isEmpty { waitingMessages.append(bytes) } else { received(bytes) }
            pauseOrResumeReading()
        case .binary, .continuation:
            perform(machine.mustEnd(.binaryMessage))
        case .ping where isSlow:
            // Whoever pings on and on without reading would have the answers pile up.
            perform(machine.mustEnd(.slowConsumer))
        case .ping:
            write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
        case .pong:
            unansweredPings = 0
        case .connectionClose:
            machine.peerLeft()
            if isClosing { context.close(promise: nil) } else { echoClose(frame) }
        default:
            perform(machine.mustEnd(.protocolError))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        writer?.flush()
        context.fireChannelReadComplete()
    }

    private func isTooLongForNow(_ frame: WebSocketFrame) -> Bool {
        machine.isAwaitingConnect && frame.length > core.settings.limits.maximumMessageBeforeAdmission.bytes
    }

    private func received(_ bytes: [UInt8]) {
        if bytes.count > LongRequest.thresholdBytes { return decodeElsewhere(bytes) }
        let lockout = lockout
        perform(
            WorkRegister.withWork("decode frame") {
                guard String(validating: bytes, as: UTF8.self) != nil else { return machine.mustEnd(.invalidText) }
                return machine.messageReceived(bytes, lockout: lockout)
            })
    }

    private var lockout: Duration? { machine.isAwaitingConnect ? core.limiter.lockout(of: peer, at: .now) : nil }

    /// A message of megabytes takes longer than an event loop may be held, so NIO's blocking pool decodes it.
    private func decodeElsewhere(_ bytes: [UInt8]) {
        guard let context else { return }
        isDecoding = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) { LongRequest.decode(bytes) }
            .whenComplete { outcome in bound.value.decoded(outcome) }
    }

    private func decoded(_ outcome: Result<Result<LongRequest, FrameError>?, any Error>) {
        isDecoding = false
        switch outcome {
        case .success(.success(let long)?):
            knownViolations = long.violations
            perform(machine.requestReceived(long.request, lockout: lockout))
            knownViolations = nil
        case .success(.failure(let error)?): perform(machine.undecodableReceived(error))
        case .success(nil): perform(machine.mustEnd(.invalidText))
        // The pool refuses work only when the process ends.
        case .failure: perform(machine.mustEnd(.serviceRestart))
        }
        takeWaitingMessages()
    }

    /// Whether the next message has to wait.
    private var isBusy: Bool {
        isDecoding || judging != nil || withdrawal != nil
            || calls.count >= core.settings.limits.maximumRequestsInFlight
    }

    private func takeWaitingMessages() {
        var taken = 0
        while taken < waitingMessages.count, !isBusy, !machine.hasEnded {
            received(waitingMessages[taken])
            taken += 1
        }
        waitingMessages.removeFirst(taken)
        writer?.flush()
        pauseOrResumeReading()
    }

    /// Reading stops while the connection is busy, so that a flood stays in the client's own buffers.
    private func pauseOrResumeReading() {
        guard let context else { return }
        let pauses = (isBusy || !waitingMessages.isEmpty) && !isClosing
        guard pauses != isReadingPaused else { return }
        isReadingPaused = pauses
        context.channel.setOption(.autoRead, value: !pauses).whenFailure { _ in }
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

    private func write(_ frame: WebSocketFrame, flushes: Bool = true) {
        if !isClosing { writer?.write(frame, flushes: flushes) }
    }

    /// - Parameter flushes: Whether the bytes go out at once and not with others, at the end of what was read.
    private func send(_ bytes: [UInt8], flushes: Bool = true) {
        guard let context else { return }
        if isSlow { return perform(machine.mustEnd(.slowConsumer)) }
        let data = context.channel.allocator.buffer(bytes: bytes)
        write(WebSocketFrame(fin: true, opcode: .text, data: data), flushes: flushes)
    }

    /// Whether the client leaves too much of what it was sent unread.
    private var isSlow: Bool { writer.map { $0.bufferedBytes > core.settings.limits.maximumBuffered.bytes } ?? false }

    /// Brings an event that went to everybody; a number is used up even when a slow reader misses the event.
    ///
    /// - Parameter sharedSequence: Its number over all connections, which version 3 shows.
    func deliver(_ event: EncodedEvent, isDroppable: Bool, sharedSequence: Int64) {
        guard let caller = machine.caller, !isClosing, withdrawal == nil else { return }
        sequence += 1
        let isDropped = isDroppable && isSlow
        core.observer.eventDelivered(event.name, isDropped: isDropped)
        guard !isDropped else { return }
        send(event.encoded(sequence: caller.version == .three ? sharedSequence : sequence))
    }

    /// Brings an event that is meant for this connection alone. In version 3 it has no number, unless all get the same.
    private func deliverHere(_ event: EncodedEvent, sharedSequence: Int64? = nil) {
        guard let caller = machine.caller, !isClosing else { return }
        sequence += 1
        core.observer.eventDelivered(event.name, isDropped: false)
        send(event.encoded(sequence: caller.version == .three ? sharedSequence : sequence))
    }

    // MARK: Deciding

    private func perform(_ actions: [ConnectionStateMachine.Action]) {
        for action in actions {
            switch action {
            case .send(let frame): send(frame.encoded)
            case .admit(let requestID, let admission):
                WorkRegister.withWork("connect") { admit(requestID, admission) }
            case .invoke(let request, let caller): invoke(request, for: caller)
            case .judgeDevice: judgeDevice()
            case .recordFailure: core.recordFailure(of: peer)
            case .recordDeviceFailure(let device): core.recordFailure(of: peer, device: device)
            case .close(let reason): close(reason)
            }
        }
    }

    private func admit(_ requestID: String, _ admission: AdmissionRules.Admission) {
        guard let context else { return }
        handshakeTimer?.cancel()
        leaveWaitingPlace()
        context.pipeline.fireUserInboundEventTriggered(AdmissionByteGate.Admitted())
        let (caller, grant) = (admission.caller, machine.takeGrant())
        core.observer.clientAdmitted()
        if let client = caller.client, caller.role == .node || !client.isTransient {
            core.presence.joined(caller, client: client, address: peer.clientAddress)
        }
        // Joined before the snapshot is taken: what changes in between is told as an event, which can't overtake the
        // hello, for it has to wait for this loop.
        let version = core.broadcaster.join(
            EventBroadcaster.Member(caller: caller, loop: context.eventLoop, receiver: self))
        let snapshot = core.operations.hello(for: caller)
        let hello = HelloPayload(
            caller: caller, serverVersion: core.settings.version, methods: MethodTable.names,
            events: MethodTable.events,
            snapshot: snapshot, presence: core.presence.entries(for: caller), stateVersion: version,
            authMode: authModeName, limits: core.settings.limits, deviceToken: grant?.token)
        send(hello.encoded(answering: requestID))
        if admission.didEmptyScopes {
            core.logger.notice(
                "A client that is not on this machine asked for scopes that its secret alone does not give",
                metadata: [LogKey.connection: "\(connectionID)"])
        }
        deliverHere(EncodedEvent("health", encodedPayload: snapshot.encodedHealth, stateVersion: version))
        if let grant, !grant.isOwner, core.devices.revision(of: grant.device) != grant.revision {
            // Its rights were taken away while it was let in; from here on that reaches it as a member.
            withdraw(CloseReason(4001, "client invalidated: device changed"))
        }
        if caller.restsOnSharedSecret, !core.isCurrent(secretGeneration: secretGeneration) {
            withdraw(ServerCore.secretChanged)
        }
    }

    /// One timer of the server asks all connections, so that an idle one needs none.
    func ping() {
        guard machine.caller != nil else { return }
        // Answers to pings wait behind what is not read now, so their absence says nothing.
        unansweredPings = isReadingPaused ? 0 : unansweredPings + 1
        guard unansweredPings <= core.settings.limits.maximumUnansweredPings else {
            return perform(machine.mustEnd(.unansweredPings))
        }
        write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
    }

    /// Has the device judged elsewhere: signatures and files are nothing for an event loop.
    private func judgeDevice() {
        guard let context, let claimed = machine.candidate?.arrival.claim.id else { return }
        if let lockout = core.limiter.lockout(of: peer, device: claimed, at: .now) {
            machine.deviceLockedOut(for: lockout)
        }
        guard let arrival = machine.candidate?.arrival else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (loop, devices) = (context.eventLoop, core.devices)
        judging = Task {
            let outcome = await devices.judge(arrival)
            loop.execute { bound.value.deviceJudged(outcome) }
        }
    }

    private func deviceJudged(_ outcome: DeviceOutcome) {
        judging = nil
        guard context != nil else { return }
        perform(machine.deviceJudged(outcome))
        takeWaitingMessages()
    }

    func end(_ reason: CloseReason) { perform(machine.mustEnd(reason)) }

    /// Ends the connection once the calls under way are answered, and takes no more of them.
    func withdraw(_ reason: CloseReason) {
        guard let context, withdrawal == nil, !isClosing else { return }
        withdrawal = reason
        endWhenWithdrawn()
        pauseOrResumeReading()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: TimeAmount(core.settings.limits.closeGrace)) {
            let handler = bound.value
            handler.perform(handler.machine.mustEnd(reason))
        }
    }

    private func endWhenWithdrawn() {
        guard let withdrawal, calls.isEmpty else { return }
        perform(machine.mustEnd(withdrawal))
    }

    private func invoke(_ request: GatewayFrame.Request, for caller: Caller) {
        guard let context else { return }
        let began = ContinuousClock.now
        let method: GatewayMethod
        do throws(GatewayError) {
            method = try MethodTable.method(request.method, for: caller)
            let known = knownViolations
            try WorkRegister.withWork(method.label) { () throws(GatewayError) in
                let violations = known ?? method.schema.violations(in: request.parameters)
                guard violations.isEmpty else { throw .invalidParameters(of: request.method, violations) }
            }
            try core.calls.count(request.method, of: caller, address: peer.clientAddress, at: .now)
        } catch {
            core.observer.callAnswered(
                MethodTable.servedName(request.method), outcome: ServerEvents.outcome(error),
                after: began.duration(to: .now))
            return answer(request.id, .failure(error), error: error)
        }
        if answerAtOnce(request, method, for: caller) {
            return core.observer.callAnswered(method.name, outcome: "ok", after: began.duration(to: .now))
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (loop, core, number) = (context.eventLoop, core, nextTask)
        nextTask += 1
        // Kept in `calls`; ends with the method, or with the connection.
        calls[number] = Task {
            let outcome: GatewayFrame.Outcome
            var failure: GatewayError?
            do throws(GatewayError) {
                outcome = .success(try await method.answer(request.parameters, caller, core))
            } catch {
                failure = error
                outcome = .failure(error)
            }
            // Encoded here, so that a long answer does not hold the event loop.
            let bytes = WorkRegister.withWork(method.label) {
                GatewayFrame.response(.init(id: request.id, outcome)).encoded
            }
            let error = failure
            core.observer.callAnswered(
                method.name, outcome: ServerEvents.outcome(error), after: began.duration(to: .now))
            loop.execute { bound.value.callEnded(number, bytes: bytes, error: error) }
        }
    }

    /// Answers what lies ready in memory. It goes out at the end of what was read, together with others.
    private func answerAtOnce(_ request: GatewayFrame.Request, _ method: GatewayMethod, for caller: Caller) -> Bool {
        guard let ready = method.ready else { return false }
        let payload = WorkRegister.withWork(method.label) { ready(request.parameters, caller, core) }
        guard let payload else { return false }
        send(GatewayFrame.answer(to: request.id, encodedPayload: payload), flushes: false)
        perform(machine.answered(with: nil))
        return true
    }

    private func callEnded(_ number: Int, bytes: [UInt8], error: GatewayError?) {
        calls[number] = nil
        guard context != nil else { return }
        if let error {
            core.logger.info(
                "Request failed",
                metadata: [LogKey.errorCode: "\(error.code.rawValue)", LogKey.connection: "\(connectionID)"])
        }
        send(bytes)
        perform(machine.answered(with: error))
        endWhenWithdrawn()
        takeWaitingMessages()
    }

    private func answer(_ id: String, _ outcome: GatewayFrame.Outcome, error: GatewayError) {
        send(GatewayFrame.response(.init(id: id, outcome)).encoded)
        perform(machine.answered(with: error))
    }

    /// Sends the close frame, and ends the connection when the peer has answered or the grace is over.
    private func close(_ reason: CloseReason) {
        guard let context, !isClosing else { return }
        ending = reason
        if holdsWaitingPlace, reason != .serviceRestart {
            core.logger.info(
                "A client stayed out",
                metadata: [
                    LogKey.connection: "\(connectionID)", LogKey.reason: "\(reason.text)",
                    LogKey.phase: judging == nil ? "connect" : "device",
                ])
        }
        var data = context.channel.allocator.buffer(capacity: 2 + reason.text.utf8.count)
        data.writeInteger(reason.code)
        data.writeString(reason.text)
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
        isClosing = true
        // What still arrives is read and thrown away: unread bytes would make the system drop the close frame.
        waitingMessages = []
        pauseOrResumeReading()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: TimeAmount(core.settings.limits.closeGrace)) {
            bound.value.close(promise: nil)
        }
    }
}
