package import AlulaPrimitives

/// Is told what warms do. The composition root logs, measures, persists and broadcasts from here.
package protocol WarmObserving: Sendable {
    func warmStarted(_ start: WarmStateMachine.Start) async
    /// - Returns: The worst lateness of an event loop while the warm ran, in milliseconds, if it was measured.
    func warmEnding(_ start: WarmStateMachine.Start) async -> Double?
    func warmEnded(_ result: WarmStatus.Result, generation: UInt64, status: WarmStatus) async
    /// `changes` is empty when the new snapshot says the same as the old one.
    func published(_ prepared: PreparedAuth, changes: [AuthChange]) async
}

/// One answer that is another now.
package struct AuthChange: Hashable, Sendable {
    package var agent: AgentID
    package var provider: ProviderID
    package var availability: Availability

    package init(agent: AgentID, provider: ProviderID, availability: Availability) {
        self.agent = agent
        self.provider = provider
        self.availability = availability
    }
}

/// Runs computations that may take more than 10 ms off the cooperative pool.
package protocol ComputeOffloading: Sendable {
    func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value
}
