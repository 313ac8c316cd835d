package import AlulaPrimitives

/// What happened to one profile lately: its windows and counters, as `auth-state.json` keeps them.
package struct ProfileUsage: Hashable, Sendable {
    package var lastUsed: Timestamp?
    package var cooldownUntil: Timestamp?
    package var cooldownReason: FailureReason?
    /// The only model that the cooldown covers; `nil` means all models.
    package var cooldownModel: ModelID?
    package var disabledUntil: Timestamp?
    package var disabledReason: FailureReason?
    package var blockedUntil: Timestamp?
    package var blockedReason: String?
    package var blockedSource: String?
    package var blockedModel: ModelID?
    package var errorCount: Int
    package var failureCounts: [FailureReason: Int]
    package var lastFailureAt: Timestamp?

    package init(
        lastUsed: Timestamp? = nil, cooldownUntil: Timestamp? = nil, cooldownReason: FailureReason? = nil,
        cooldownModel: ModelID? = nil, disabledUntil: Timestamp? = nil, disabledReason: FailureReason? = nil,
        blockedUntil: Timestamp? = nil, blockedReason: String? = nil, blockedSource: String? = nil,
        blockedModel: ModelID? = nil, errorCount: Int = 0, failureCounts: [FailureReason: Int] = [:],
        lastFailureAt: Timestamp? = nil
    ) {
        self.lastUsed = lastUsed
        self.cooldownUntil = cooldownUntil
        self.cooldownReason = cooldownReason
        self.cooldownModel = cooldownModel
        self.disabledUntil = disabledUntil
        self.disabledReason = disabledReason
        self.blockedUntil = blockedUntil
        self.blockedReason = blockedReason
        self.blockedSource = blockedSource
        self.blockedModel = blockedModel
        self.errorCount = errorCount
        self.failureCounts = failureCounts
        self.lastFailureAt = lastFailureAt
    }
}

/// Why a request with a profile failed. Raw values are the file format's.
package enum FailureReason: String, CaseIterable, Sendable {
    case auth
    case authPermanent = "auth_permanent"
    case format
    case overloaded
    case rateLimit = "rate_limit"
    case billing
    case timeout
    case modelNotFound = "model_not_found"
    case sessionExpired = "session_expired"
    case emptyResponse = "empty_response"
    case noErrorDetails = "no_error_details"
    case unclassified
    case unknown
}
