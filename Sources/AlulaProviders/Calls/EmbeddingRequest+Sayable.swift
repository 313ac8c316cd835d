import AlulaInference

extension EmbeddingRequest {
    /// The inputs for a provider that takes texts, and nothing of OpenAI's dialect that is not known here.
    ///
    /// - Throws: ``AttemptFailure`` with the member that can't be passed on.
    func sayableTexts() throws(AttemptFailure) -> [String] {
        if let member = unsayableMember { throw .unsayable(member) }
        guard case .texts(let texts) = input else { throw .unsayable("input") }
        return texts
    }
}
