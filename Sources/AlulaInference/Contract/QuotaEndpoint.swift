package import AlulaAuth
package import AlulaModels
package import AlulaPrimitives

/// Asks a provider how much of an account's allowance is used. Whoever conforms talks to the network and keeps nothing.
package protocol QuotaEndpoint: Sendable {
    /// Asks once, with the login of `question`, which is opened, renewed where it is due, and shown to nobody else.
    ///
    /// - Throws: ``AttemptFailure`` in words of ours, `CancellationError`.
    func quota(_ question: QuotaQuestion, until deadline: Deadline) async throws -> ProviderQuota
}

/// Whose allowance is asked for, and where.
package struct QuotaQuestion: Hashable, Sendable {
    package let provider: ProviderID
    package let format: QuotaEntry.Format
    package let url: String
    /// Whose login it is.
    package let agent: AgentID
    package let login: Login
    /// What the store has of the login: another credential under the same name is another question.
    package let stored: ProfileFact?

    package init(
        _ provider: ProviderID, as format: QuotaEntry.Format, at url: String, for agent: AgentID, through login: Login,
        stored: ProfileFact? = nil
    ) {
        self.provider = provider
        self.format = format
        self.url = url
        self.agent = agent
        self.login = login
        self.stored = stored
    }
}
