package import AlulaAuth

/// Computes answers in this process, with the gateway's own code.
package protocol LocalAnswering: AnswerSource {
    /// What everything that is known comes to.
    ///
    /// - Parameter runsHelpers: Whether the helper programs behind `secrets.providers` may be run.
    func prepared(runsHelpers: Bool) async throws -> PreparedAuth
}
