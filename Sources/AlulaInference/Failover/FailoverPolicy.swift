package import AlulaAuth
package import AlulaPrimitives

/// How far a request goes before it is given up.
package struct FailoverPolicy: Hashable, Sendable {
    /// How many other logins of a model are tried after failures of a kind; a kind that is missing has no limit.
    ///
    /// Another key is another account: trying it is no repetition. Where the provider as a whole is at fault, most
    /// other keys meet the same.
    package var maximumRotations: [FailureReason: Int]
    /// A resting first choice is asked all the same when its rest ends within this time.
    package var probeLead: Duration
    /// A provider is asked like that at most once in this time, whoever asks.
    package var probeInterval: Duration
    /// How many attempts of one request are repeated because this machine stood still.
    package var maximumStallRepetitions: Int

    package init(
        maximumRotations: [FailureReason: Int] = [.overloaded: 1, .timeout: 1], probeLead: Duration = .seconds(120),
        probeInterval: Duration = .seconds(30), maximumStallRepetitions: Int = 1
    ) {
        self.maximumRotations = maximumRotations
        self.probeLead = probeLead
        self.probeInterval = probeInterval
        self.maximumStallRepetitions = maximumStallRepetitions
    }

    package static let standard = FailoverPolicy()
}

/// When each provider was last asked in spite of its rest. Shared by all requests of a gateway.
package struct ProbeLedger: Hashable, Sendable {
    private var lastProbes: [ProviderID: Timestamp] = [:]

    package init() {}

    /// Takes the provider's turn, or finds that another request had it within `interval`. A turn from the future, which
    /// a clock that was set back leaves behind, counts for nothing.
    package mutating func claim(_ provider: ProviderID, at now: Timestamp, interval: Duration) -> Bool {
        guard isFree(provider, at: now, interval: interval) else { return false }
        lastProbes[provider] = now
        return true
    }

    /// Whether nobody had the provider's turn within `interval`.
    package func isFree(_ provider: ProviderID, at now: Timestamp, interval: Duration) -> Bool {
        guard let last = lastProbes[provider], last <= now else { return true }
        return now.duration(since: last) >= interval
    }
}
