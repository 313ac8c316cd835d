import AlulaJSON
package import AlulaPrimitives

/// One WebSocket connection, as decisions: what happened goes in, what to do comes out.
///
/// A connection is *opened* (the challenge goes out), *awaits* `connect`, is perhaps *judged* by its device, is
/// *admitted*, and *ends*. From everywhere it can end; after that nothing is answered. Time, bytes and sockets belong to
/// whoever carries this out.
package struct ConnectionStateMachine: Sendable {
    /// What to do next, in order.
    package enum Action: Hashable, Sendable {
        case send(GatewayFrame)
        /// Judge ``ConnectionStateMachine/candidate`` and report it with ``deviceJudged(_:)``. What arrives meanwhile waits.
        case judgeDevice
        /// Answer the request with a hello, and treat the connection as admitted from now on.
        case admit(requestID: String, AdmissionRules.Admission)
        /// Carry out a method and report its end with ``answered(with:)``.
        case invoke(GatewayFrame.Request, Caller)
        /// Count a wrong secret against the peer's address.
        case recordFailure
        /// Count a wrong secret against a paired device.
        case recordDeviceFailure(DeviceID)
        case close(CloseReason)
    }

    private enum State: Sendable {
        /// Legal next: `awaiting`, `ended`.
        case fresh
        /// Legal next: `judging`, `admitted`, `ended`.
        case awaiting(nonce: String)
        /// Legal next: `admitted`, `ended`. A nonce is good for one `connect`, so there is no way back. Kept apart, so that
        /// connections have no room for it all their life.
        indirect case judging(requestID: String, DeviceCandidate)
        /// Legal next: `ended`. Counts refusals because of the role, without any other answer between them.
        case admitted(Caller, roleRefusals: Int)
        case ended
    }

    /// More refusals than this in a row, because of the role, end the connection.
    private static let maximumRoleRefusals = 10

    private let rules: AdmissionRules
    private let peer: Peer
    private let connectionID: String
    private var state = State.fresh
    /// What the judged device was granted, until it is taken for the hello.
    private var grant: DeviceGrant?

    package init(rules: AdmissionRules, peer: Peer, connectionID: String) {
        self.rules = rules
        self.peer = peer
        self.connectionID = connectionID
    }

    /// Who was admitted, while the connection lasts.
    package var caller: Caller? { if case .admitted(let caller, _) = state { caller } else { nil } }
    /// Whether `connect` is still to come.
    package var isAwaitingConnect: Bool {
        switch state {
        case .fresh, .awaiting, .judging: true
        case .admitted, .ended: false
        }
    }
    /// The client whose device is being judged.
    package var candidate: DeviceCandidate? { if case .judging(_, let candidate) = state { candidate } else { nil } }
    package var hasEnded: Bool { if case .ended = state { true } else { false } }

    /// The upgrade is complete.
    ///
    /// - Parameter nonce: Unguessable, for this connection only.
    package mutating func opened(nonce: String, at now: Timestamp) -> [Action] {
        guard case .fresh = state else { return [] }
        state = .awaiting(nonce: nonce)
        return [
            .send(
                .event(
                    GatewayFrame.Event(
                        "connect.challenge",
                        payload: ["nonce": .string(nonce), "ts": .number(now.milliseconds)])))
        ]
    }

    /// One text message arrived.
    ///
    /// - Parameter lockout: How long the peer's address is still locked out, or `nil`; read before admission only.
    package mutating func messageReceived(_ bytes: [UInt8], lockout: Duration? = nil) -> [Action] {
        do {
            return requestReceived(try GatewayFrame.decodeRequest(bytes), lockout: lockout)
        } catch {
            return undecodableReceived(error)
        }
    }

    /// One text message arrived and was decoded elsewhere, because it was long.
    package mutating func requestReceived(_ request: GatewayFrame.Request, lockout: Duration? = nil) -> [Action] {
        switch state {
        case .fresh:
            return []
        case .awaiting(let nonce):
            return connect(request, nonce: nonce, lockout: lockout)
        case .admitted(let caller, _):
            guard request.method != "connect" else {
                return [Self.failure(request.id, .invalidRequest("connect is only valid as the first request"))]
            }
            return [.invoke(request, caller)]
        case .judging, .ended:
            return []
        }
    }

    /// One text message arrived that is no request frame.
    package mutating func undecodableReceived(_ error: FrameError) -> [Action] {
        switch (state, error.code) {
        case (.fresh, .notJSON), (.awaiting, .notJSON), (.judging, .notJSON): return end(.notJSON)
        case (.fresh, .notFrame), (.awaiting, .notFrame), (.judging, .notFrame): return end(.invalidFrame)
        // The protocol ignores what is not JSON once a client is in.
        case (.admitted, .notJSON), (.ended, _): return []
        case (.admitted, .notFrame):
            return [
                Self.failure(error.id ?? "invalid", .invalidRequest("invalid request frame: \(error.message)"))
            ]
        }
    }

    /// The candidate's device has shown too many wrong secrets.
    package mutating func deviceLockedOut(for lockout: Duration) {
        guard case .judging(let requestID, var candidate) = state else { return }
        candidate.lockOut(for: lockout)
        state = .judging(requestID: requestID, candidate)
    }

    /// It was decided about the candidate's device.
    package mutating func deviceJudged(_ outcome: DeviceOutcome) -> [Action] {
        guard case .judging(let requestID, let candidate) = state else { return [] }
        do {
            let admission = try rules.admission(of: candidate, after: outcome)
            if case .admitted(let grant) = outcome { self.grant = grant }
            return admit(requestID, admission)
        } catch {
            return refuse(requestID, error)
        }
    }

    /// What the device was granted, for the hello; the second time `nil`, so that no token is kept in memory.
    package mutating func takeGrant() -> DeviceGrant? {
        defer { grant = nil }
        return grant
    }

    /// A method has ended; `error` is `nil` for success.
    package mutating func answered(with error: GatewayError?) -> [Action] {
        guard case .admitted(let caller, let refusals) = state else { return [] }
        let isRoleRefusal = error?.message.hasPrefix(MethodAccess.unauthorizedRolePrefix) ?? false
        guard isRoleRefusal else {
            state = .admitted(caller, roleRefusals: 0)
            return []
        }
        guard refusals < Self.maximumRoleRefusals else { return end(.repeatedUnauthorizedCalls) }
        state = .admitted(caller, roleRefusals: refusals + 1)
        return []
    }

    /// The time for the handshake is over.
    package mutating func handshakeDeadlinePassed() -> [Action] { isAwaitingConnect ? end(.handshakeTimeout) : [] }

    /// A message or frame is announced or has grown beyond what is accepted now.
    package mutating func messageOutgrewLimit() -> [Action] {
        end(isAwaitingConnect ? .tooLargeBeforeAdmission : .tooLarge)
    }

    /// Something ended the connection that needs no decision.
    package mutating func mustEnd(_ reason: CloseReason) -> [Action] { end(reason) }

    /// The peer has gone or said goodbye.
    package mutating func peerLeft() { state = .ended }

    private mutating func connect(
        _ request: GatewayFrame.Request, nonce: String, lockout: Duration?
    ) -> [Action] {
        guard request.method == "connect" else {
            let text = "invalid handshake: first request must be connect"
            return [Self.failure(request.id, .invalidRequest(text))] + end(CloseReason(1008, text))
        }
        let parameters: ConnectParameters
        do {
            parameters = try ConnectParameters(request.parameters)
        } catch {
            return [Self.failure(request.id, error)] + end(CloseReason(1008, error.message))
        }
        do {
            switch try rules.decision(
                about: parameters, from: peer, connectionID: connectionID, nonce: nonce, lockout: lockout)
            {
            case .admitted(let admission):
                return admit(request.id, admission)
            case .judge(let candidate):
                state = .judging(requestID: request.id, candidate)
                return [.judgeDevice]
            }
        } catch {
            return refuse(request.id, error)
        }
    }

    private mutating func admit(_ requestID: String, _ admission: AdmissionRules.Admission) -> [Action] {
        state = .admitted(admission.caller, roleRefusals: 0)
        return [.admit(requestID: requestID, admission)]
    }

    private mutating func refuse(_ requestID: String, _ refusal: AdmissionRules.Refusal) -> [Action] {
        let count: [Action] =
            switch (refusal.isWrongSecret, refusal.device) {
            case (false, _): []
            case (true, nil): [.recordFailure]
            case (true, let device?): [.recordDeviceFailure(device)]
            }
        return count + [Self.failure(requestID, refusal.error)] + end(refusal.close)
    }

    private mutating func end(_ reason: CloseReason) -> [Action] {
        if case .ended = state { return [] }
        state = .ended
        return [.close(reason)]
    }

    private static func failure(_ id: String, _ error: GatewayError) -> Action {
        .send(.response(GatewayFrame.Response(id: id, .failure(error))))
    }
}
