package import AlulaJSON
package import AlulaProtocol

/// How the gateway is: `health`, `status`, and what is told without being asked for.
package protocol StateOperations: Sendable {
    /// What a new client is told: the state of the gateway, from memory.
    func hello(for caller: Caller) -> HelloSnapshot

    /// Whether the gateway is ready, from memory.
    func readiness() -> Readiness

    /// `health`: the whole state of the gateway.
    func health(_ query: HealthQuery) async throws(GatewayError) -> JSONValue

    /// The result of `health` as compact JSON when it lies ready; `nil` when it has to be made.
    func encodedHealth(_ query: HealthQuery) -> [UInt8]?

    /// `status`: what runs and what is queued.
    func status(_ query: StatusQuery) async throws(GatewayError) -> JSONValue

    /// The metrics in Prometheus' text format.
    func prometheusText() async -> String
}

extension StateOperations {
    package func encodedHealth(_ query: HealthQuery) -> [UInt8]? { nil }
}

/// What `health` asks for.
package struct HealthQuery: Hashable, Sendable {
    package let caller: Caller
    /// Whether the caller wants live probes and not the last snapshot.
    package let wantsProbe: Bool

    package init(caller: Caller, wantsProbe: Bool = false) {
        self.caller = caller
        self.wantsProbe = wantsProbe
    }
}

/// What `status` asks for.
package struct StatusQuery: Hashable, Sendable {
    package let caller: Caller
    package let includesChannels: Bool

    package init(caller: Caller, includesChannels: Bool = true) {
        self.caller = caller
        self.includesChannels = includesChannels
    }
}
