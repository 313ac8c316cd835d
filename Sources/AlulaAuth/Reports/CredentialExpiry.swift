package import AlulaPrimitives

/// When a credential ends, as seen from one instant.
package struct CredentialExpiry: Hashable, Sendable {
    package let at: Timestamp
    /// Negative once the credential has ended.
    package let remaining: Duration

    package init(at end: Timestamp, now: Timestamp) {
        at = end
        remaining = end.duration(since: now)
    }

    /// For people: `0m` once it is over, minutes below an hour, hours below two days, else days; rounded.
    package var label: String { remaining.shortLabel }
}

extension Duration {
    /// For people: `0m`, `45m`, `26h`, `12d`. It rounds, and shows a minute where less than one is left.
    package var shortLabel: String {
        guard self > .zero else { return "0m" }
        let minutes = max(1, (milliseconds + 30_000) / 60_000)
        if minutes < 60 { return "\(minutes)m" }
        let hours = (milliseconds + 1_800_000) / 3_600_000
        if hours < 48 { return "\(hours)h" }
        return "\((milliseconds + 43_200_000) / 86_400_000)d"
    }
}
