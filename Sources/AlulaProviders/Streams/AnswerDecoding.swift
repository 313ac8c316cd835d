import AlulaInference

/// Understands the answers of one kind of API, without I/O.
protocol AnswerDecoding: Sendable {
    init()

    /// Whether the provider has said everything that belongs to a whole answer.
    var isFinished: Bool { get }

    /// Reads one event of a stream.
    ///
    /// - Returns: What it says, and whether nothing follows it.
    /// - Throws: ``AttemptFailure`` for an error in place of an event, and for what is none.
    mutating func take(
        _ event: EventStreamDecoder.Event
    ) throws(AttemptFailure) -> (events: [InferenceEvent], isLast: Bool)

    /// Reads an answer in one piece.
    ///
    /// - Throws: ``AttemptFailure`` for an error in place of an answer, and for what is none.
    mutating func take(whole bytes: [UInt8]) throws(AttemptFailure) -> [InferenceEvent]
}

extension AttemptFailure {
    /// An answer that ends before its provider has said so.
    static let unfinished = AttemptFailure(
        FailureReport(message: "The provider broke the answer off before its end."))
}
