package import AlulaModels
package import AlulaPrimitives

extension ProfileUsage {
    /// A failure that lies further than this in the future was recorded before the clock was set back.
    static let clockTolerance = Duration.seconds(300)

    /// The window that keeps the profile from being used for `model` now, or `nil` when nothing does.
    ///
    /// A window over all models comes before one that covers a single model. Of several the one that ends last is
    /// given, since the profile rests until then.
    ///
    /// - Parameter model: `nil` asks about the profile as such; windows over a single model count then, and say so.
    package func window(
        at now: Timestamp, provider: ProviderID, model: ModelID? = nil, table: ProviderTable = .builtIn
    ) -> UsageWindow? {
        guard !table.bypassesCooldown(provider) else { return nil }
        let active = windows(for: model).filter { isActive($0.until, at: now) }
        let wide = active.filter { $0.model == nil }
        return (wide.isEmpty ? active : wide).max { $0.until < $1.until }
    }

    /// Whether the profile can't be used for `model` now.
    package func isUnusable(
        at now: Timestamp, provider: ProviderID, model: ModelID? = nil, table: ProviderTable = .builtIn
    ) -> Bool {
        window(at: now, provider: provider, model: model, table: table) != nil
    }

    /// The latest end of any window that covers `model`, whether or not it has passed.
    package func unusableUntil(for model: ModelID? = nil) -> Timestamp? { windows(for: model).map(\.until).max() }

    /// The soonest end of a window over `profiles`, whether or not it has passed.
    package static func earliestRecovery(
        of profiles: some Sequence<ProfileUsage>, model: ModelID? = nil
    ) -> Timestamp? {
        profiles.compactMap { $0.unusableUntil(for: model) }.min()
    }

    /// The reason to report when none of `profiles` can be used, or `nil` when none of them rests.
    ///
    /// Windows that end far off weigh 1000; a cooldown weighs what its counted failures do.
    package static func unavailableReason(
        over profiles: some Sequence<ProfileUsage>, at now: Timestamp
    ) -> FailureReason? {
        var scores: [FailureReason: Int] = [:]
        for usage in profiles {
            let active = usage.windows(for: nil).filter { usage.isActive($0.until, at: now) }
            if let disabled = active.first(where: { $0.kind == .disabled }) {
                scores[disabled.reason, default: 0] += 1000
            } else if active.contains(where: { $0.kind == .blocked }) {
                scores[.rateLimit, default: 0] += 1000
            } else if active.contains(where: { $0.kind == .cooldown }) {
                let counts = usage.failureCounts.filter { $0.value > 0 }
                if counts.isEmpty { scores[usage.cooldownReason ?? .unknown, default: 0] += 1 }
                // Counts come from a file; a sum of two must not overflow.
                for (reason, count) in counts { scores[reason, default: 0] += min(count, 1_000_000) }
            }
        }
        guard let highest = scores.values.max() else { return nil }
        return FailureReason.byPriority.first { scores[$0] == highest }
    }

    /// All windows that are stated with a possible end and cover `model`.
    private func windows(for model: ModelID?) -> [UsageWindow] {
        var windows: [UsageWindow] = []
        if let until = disabledUntil.ifPossible {
            windows.append(UsageWindow(kind: .disabled, reason: disabledReason ?? .unknown, until: until))
        }
        if let until = blockedUntil.ifPossible {
            // An allowance is the account's: `blockedModel` tells who met the limit and narrows nothing.
            windows.append(UsageWindow(kind: .blocked, reason: .rateLimit, until: until))
        }
        if let until = cooldownUntil.ifPossible {
            let scope = cooldownReason?.isModelScoped == true ? cooldownModel : nil
            if scope == nil || model == nil || scope == model {
                windows.append(
                    UsageWindow(kind: .cooldown, reason: cooldownReason ?? .unknown, until: until, model: scope))
            }
        }
        return windows
    }

    /// Whether a window that ends at `until` holds. One that was recorded by a clock since set back does not: it
    /// would last as long as the clock was wrong, and a needless attempt costs less.
    func isActive(_ until: Timestamp?, at now: Timestamp) -> Bool {
        guard let until = until.ifPossible, until > now else { return false }
        return !isFromTheFuture(at: now)
    }

    /// Whether the last failure lies beyond what two clocks may differ by.
    func isFromTheFuture(at now: Timestamp) -> Bool {
        lastFailureAt.map { $0 > now.advanced(by: Self.clockTolerance) } ?? false
    }
}

extension Timestamp? {
    /// This instant when a calendar can show it; files hold zeroes and nonsense.
    fileprivate var ifPossible: Timestamp? {
        flatMap { $0.milliseconds > 0 && $0 <= .maximum ? $0 : nil }
    }
}
