import AlulaInference

extension AttemptFailure {
    /// The request holds something that changes the answer and that the provider has no word for.
    ///
    /// - Parameter parameter: Its place in the caller's request.
    static func unsayable(_ parameter: String) -> AttemptFailure {
        AttemptFailure(
            judgement: .refusedInput, message: "`\(parameter)` can't be passed on to this model's provider.",
            status: 400, parameter: parameter)
    }
}
