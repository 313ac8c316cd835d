package import AlulaModels
package import AlulaPrimitives

extension ProfileUsage {
    /// Takes in one failed call.
    ///
    /// A window that holds is not extended: calls that were under way when it began would push recovery further and
    /// further out. Only a wait that the provider itself asked for moves its end, and only to later.
    ///
    /// - Parameters:
    ///   - model: What was asked, or `nil` when that is not known; the rest then covers all models.
    ///   - retryAfter: The provider's own wish, held within ``CooldownPolicy/maximumRetryAfter``.
    /// - Returns: Whether anything was recorded. Routers spread calls themselves and are never blamed.
    @discardableResult
    package mutating func recordFailure(
        _ reason: FailureReason, model: ModelID?, provider: ProviderID, at now: Timestamp,
        policy: CooldownPolicy = .standard, retryAfter: Duration? = nil, table: ProviderTable = .builtIn
    ) -> Bool {
        guard !table.bypassesCooldown(provider) else { return false }
        forgetTheFuture(at: now)
        if countersAreOld(at: now, window: policy.failureWindow) { clearCounters() }
        let isDisabled = isActive(disabledUntil, at: now)
        let isCoolingDown = isActive(cooldownUntil, at: now)
        let count = Self.next(failureCounts[reason] ?? 0)
        errorCount = Self.next(errorCount)
        failureCounts[reason] = count
        lastFailureAt = now
        if let rest = policy.disabledDuration(for: reason, afterFailures: count, provider: provider) {
            if !isDisabled { disabledUntil = now.advanced(by: rest) }
            disabledReason = reason
        } else {
            recordCooldown(reason, model: model, at: now, isActive: isCoolingDown)
            if let retryAfter, retryAfter > .zero {
                let wished = now.advanced(by: min(retryAfter, CooldownPolicy.maximumRetryAfter))
                cooldownUntil = cooldownUntil.map { max($0, wished) } ?? wished
            }
        }
        return true
    }

    /// Takes in one good call: nothing that was held against the profile remains.
    package mutating func recordSuccess(at now: Timestamp) {
        reset()
        lastUsed = now
    }

    /// Takes in the provider's own word that the account's allowance is used up until then.
    ///
    /// An earlier or impossible end changes nothing, and neither does any end when `now` itself is impossible.
    /// - Returns: Whether the block changed.
    @discardableResult
    package mutating func markBlocked(
        until: Timestamp, source: String, model: ModelID? = nil, at now: Timestamp
    ) -> Bool {
        guard now.milliseconds > 0, now < .maximum, until > now, until <= .maximum else { return false }
        forgetTheFuture(at: now)
        if isActive(blockedUntil, at: now), let blockedUntil, blockedUntil >= until { return false }
        blockedUntil = until
        blockedReason = "subscription_limit"
        blockedSource = source
        blockedModel = model
        clearCooldown()
        return true
    }

    /// Drops the windows that have ended. Counters go when no window remains, so that the next failure starts anew.
    ///
    /// - Returns: Whether anything was dropped.
    @discardableResult
    package mutating func clearExpired(at now: Timestamp) -> Bool {
        var hasChanged = forgetTheFuture(at: now)
        func hasEnded(_ until: Timestamp?) -> Bool {
            guard let until, until.milliseconds > 0 else { return false }
            return !isActive(until, at: now)
        }
        if hasEnded(cooldownUntil) {
            clearCooldown()
            hasChanged = true
        }
        if hasEnded(disabledUntil) {
            clearDisabled()
            hasChanged = true
        }
        if hasEnded(blockedUntil) {
            clearBlocked()
            hasChanged = true
        }
        if hasChanged, unusableUntil() == nil { clearCounters() }
        return hasChanged
    }

    /// Lifts every window and forgets every counter. When the profile was last used, and last failed, is kept.
    ///
    /// This is the only way to clear a profile; a second one would leave half of it standing.
    package mutating func reset() {
        clearCooldown()
        clearDisabled()
        clearBlocked()
        clearCounters()
    }

    // MARK: Parts

    private mutating func recordCooldown(_ reason: FailureReason, model: ModelID?, at now: Timestamp, isActive: Bool) {
        if isActive {
            // Any other model, or another kind of failure, shows that the whole login is affected.
            if !reason.isModelScoped || model == nil || cooldownModel != model { cooldownModel = nil }
        } else {
            cooldownUntil = now.advanced(by: CooldownPolicy.cooldown(afterFailures: errorCount))
            cooldownModel = reason.isModelScoped ? model : nil
        }
        cooldownReason = reason
    }

    /// Drops all that a clock since set back has recorded, before a failure of today makes it look current.
    @discardableResult
    private mutating func forgetTheFuture(at now: Timestamp) -> Bool {
        guard isFromTheFuture(at: now) else { return false }
        reset()
        lastFailureAt = nil
        return true
    }

    /// Whether earlier failures no longer count: long ago, or paid for with a window that has ended.
    private func countersAreOld(at now: Timestamp, window: Duration) -> Bool {
        if let lastFailureAt, lastFailureAt.milliseconds > 0, now.duration(since: lastFailureAt) > window {
            return true
        }
        return unusableUntil().map { $0 <= now } ?? false
    }

    private static func next(_ count: Int) -> Int { min(max(count, 0), 1_000_000) + 1 }

    private mutating func clearCooldown() {
        cooldownUntil = nil
        cooldownReason = nil
        cooldownModel = nil
    }

    private mutating func clearDisabled() {
        disabledUntil = nil
        disabledReason = nil
    }

    private mutating func clearBlocked() {
        blockedUntil = nil
        blockedReason = nil
        blockedSource = nil
        blockedModel = nil
    }

    private mutating func clearCounters() {
        errorCount = 0
        failureCounts = [:]
    }
}
