import AlulaInference
import AlulaPrimitives

/// Makes pieces of an answer of a stream's bytes, in parts of any size.
struct AnswerStreamReader<Decoder: AnswerDecoding>: Sendable {
    private let redactor: LoginRedactor
    private var cutter = Decoder.Cutter()
    private var decoder = Decoder()
    private var ready: [InferenceEvent] = []
    /// Whether nothing more comes after the pieces that are there.
    private(set) var hasEnded = false

    init(login: OpenedLogin) { redactor = LoginRedactor(login) }

    /// Bytes of an event that is not whole yet.
    var waitingBytes: Int { cutter.waitingBytes }

    /// The pieces that have been read since the last time.
    mutating func takeEvents() -> ArraySlice<InferenceEvent> {
        defer { ready = [] }
        return ready[...]
    }

    /// - Throws: ``AttemptFailure`` for an error in place of an event, and for what is none.
    mutating func take(_ bytes: some Collection<UInt8>) throws(AttemptFailure) {
        let events: [EventStreamDecoder.Event]
        do throws(InferenceError) {
            events = try cutter.take(bytes)
        } catch {
            throw AttemptFailure(FailureReport(message: error.message))
        }
        for event in events { try take(event) }
    }

    /// Nothing more comes. Some servers close without the mark of the end; whoever has said all has said enough.
    mutating func end() throws(AttemptFailure) {
        if let last = cutter.end() { try take(last) }
        guard !hasEnded else { return }
        hasEnded = true
        do throws(AttemptFailure) { ready += try decoder.end() } catch { throw redactor.redacted(error) }
        guard decoder.isFinished else { throw .unfinished }
    }

    private mutating func take(_ event: EventStreamDecoder.Event) throws(AttemptFailure) {
        guard !hasEnded else { return }
        do throws(AttemptFailure) {
            let (events, isLast) = try decoder.take(event)
            ready += events
            hasEnded = isLast
        } catch {
            throw redactor.redacted(error)
        }
        if hasEnded, !decoder.isFinished { throw .unfinished }
    }
}
