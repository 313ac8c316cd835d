package import AlulaPrimitives

/// How much of an account's allowance is used, as its provider says.
package struct ProviderQuota: Hashable, Sendable {
    /// One allowance, and the time that it is for.
    package struct Window: Hashable, Sendable {
        /// Such as `5h`, `Week` or `Premium`.
        package let label: String
        /// 0 to 100, in hundredths at most.
        package let usedPercent: Double
        /// When it begins anew; `nil` when the provider does not say.
        package let resetAt: Timestamp?

        /// - Returns: `nil` for what is no number; less than nothing is nothing, and more than all is all.
        package init?(_ label: String, usedPercent: Double, resetAt: Timestamp? = nil) {
            guard usedPercent.isFinite else { return nil }
            self.label = label
            self.usedPercent = (min(max(usedPercent, 0), 100) * 100).rounded() / 100
            self.resetAt = resetAt
        }
    }

    package var windows: [Window]
    /// The provider's name for what the account pays for.
    package var plan: String?
    /// What is to be said besides, such as `12.5 credits left`.
    package var summary: String?

    package init(windows: [Window] = [], plan: String? = nil, summary: String? = nil) {
        self.windows = windows
        self.plan = plan
        self.summary = summary
    }
}

/// The allowances of all accounts that have one: the content of `usage.status`.
package struct QuotaReport: Hashable, Sendable {
    /// What is known of an account.
    package enum Answer: Hashable, Sendable {
        case known(ProviderQuota)
        /// Why it is not known, in a sentence for people. No part of it is the provider's.
        case failed(String)
    }

    /// One provider's account.
    package struct Row: Hashable, Sendable {
        package let provider: ProviderID
        package let displayName: String
        package let answer: Answer
        /// When the provider was asked.
        package let at: Timestamp

        package init(provider: ProviderID, displayName: String, answer: Answer, at: Timestamp) {
            self.provider = provider
            self.displayName = displayName
            self.answer = answer
            self.at = at
        }
    }

    /// When the oldest of it was asked for; now when there is nothing.
    package let at: Timestamp
    package let rows: [Row]

    package init(_ rows: [Row], now: Timestamp) {
        self.rows = rows
        at = rows.map(\.at).min() ?? now
    }
}
