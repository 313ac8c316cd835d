import AlulaInference

/// Understands the answers of one kind of API, without I/O.
protocol AnswerDecoding: Sendable {
    /// How a stream of this kind is cut into events.
    associatedtype Cutter: StreamCutting = EventStreamDecoder

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

    /// The stream is over.
    ///
    /// - Returns: What could not be said before nothing more was to come.
    mutating func end() throws(AttemptFailure) -> [InferenceEvent]
}

extension AnswerDecoding {
    mutating func end() throws(AttemptFailure) -> [InferenceEvent] { [] }
}

extension AttemptFailure {
    /// An answer that ends before its provider has said so.
    static let unfinished = AttemptFailure(
        FailureReport(message: "The provider broke the answer off before its end."))
}
