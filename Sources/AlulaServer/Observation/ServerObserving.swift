/// Is told what the server does, so that somebody can count it. Called on event loops: it waits for nothing.
package protocol ServerObserving: Sendable {
    /// A call was answered.
    ///
    /// - Parameters:
    ///   - method: A name of ``MethodTable/names``, or ``ServerEvents/otherMethod``.
    ///   - outcome: One of ``ServerEvents/outcomes``.
    func callAnswered(_ method: String, outcome: String, after duration: Duration)
    /// A request over HTTP was answered. `route`, `method` and `status` are of ``ServerEvents``.
    func requestAnswered(_ method: String, route: String, status: String, after duration: Duration)
    /// A request to a model is over: answered to the end, refused, broken off or left alone.
    ///
    /// - Parameter outcome: One of ``ServerEvents/modelOutcomes``.
    func modelRequestEnded(outcome: String, after duration: Duration)
    /// An event was handed to one client, or left out because that client reads too slowly.
    func eventDelivered(_ name: String, isDropped: Bool)
    /// A client was let in.
    func clientAdmitted()
    /// A WebSocket ended, for one of ``ServerEvents/endings``.
    func connectionEnded(_ ending: String)
    /// A socket was turned away for one of ``ServerEvents/refusals``.
    func connectionRefused(_ refusal: String)
    /// Somebody came with a wrong secret or a wrong proof of a device.
    func accessFailed(_ kind: AccessFailureKind)
}

/// What somebody failed to prove. Raw values appear as label values.
package enum AccessFailureKind: String, CaseIterable, Sendable {
    case secret
    case device
}

/// Nobody counts.
package struct NoServerObserver: ServerObserving {
    package init() {}
    package func callAnswered(_ method: String, outcome: String, after duration: Duration) {}
    package func requestAnswered(
        _ method: String, route: String, status: String, after duration: Duration
    ) {}
    package func modelRequestEnded(outcome: String, after duration: Duration) {}
    package func eventDelivered(_ name: String, isDropped: Bool) {}
    package func clientAdmitted() {}
    package func connectionEnded(_ ending: String) {}
    package func connectionRefused(_ refusal: String) {}
    package func accessFailed(_ kind: AccessFailureKind) {}
}

/// Connections at this moment.
package struct ConnectionCounts: Hashable, Sendable {
    /// Clients that were let in.
    package var admitted = 0
    /// WebSockets that were not let in yet.
    package var waiting = 0
    /// Sockets that have sent no request yet.
    package var silent = 0
    /// Requests to models under way.
    package var modelRequests = 0

    package init(admitted: Int = 0, waiting: Int = 0, silent: Int = 0, modelRequests: Int = 0) {
        self.admitted = admitted
        self.waiting = waiting
        self.silent = silent
        self.modelRequests = modelRequests
    }
}
