import AlulaInference
import AlulaPrimitives

/// Makes events of a stream's bytes, in pieces of any size.
struct ChatStreamReader: Sendable {
    let login: OpenedLogin
    private var cutter = EventStreamDecoder()
    private var decoder = ChatChunkDecoder()
    private var ready: [InferenceEvent] = []
    /// Whether nothing more comes after the events that are there.
    private(set) var hasEnded = false

    init(login: OpenedLogin) { self.login = login }

    /// Bytes of an event that is not whole yet.
    var waitingBytes: Int { cutter.waitingBytes }

    /// The events that have been read since the last time.
    mutating func takeEvents() -> ArraySlice<InferenceEvent> {
        defer { ready = [] }
        return ready[...]
    }

    /// - Throws: ``AttemptFailure`` for an error in place of an event, and for what is none.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(AttemptFailure) {
        let events: [EventStreamDecoder.Event]
        do throws(InferenceError) {
            events = try cutter.take(bytes)
        } catch {
            throw AttemptFailure(FailureReport(message: error.message))
        }
        for event in events { try take(event) }
    }

    /// Nothing more comes. Some servers close without `[DONE]`; whoever has said why the answer ended has said enough.
    mutating func end() throws(AttemptFailure) {
        if let last = cutter.end() { try take(last) }
        hasEnded = true
        guard decoder.isFinished else { throw OpenAICompletionsProvider.unfinished }
    }

    private mutating func take(_ event: EventStreamDecoder.Event) throws(AttemptFailure) {
        guard !hasEnded else { return }
        if event.data == Array("[DONE]".utf8) {
            hasEnded = true
            guard decoder.isFinished else { throw OpenAICompletionsProvider.unfinished }
            return
        }
        do throws(AttemptFailure) {
            ready += try decoder.decode(ChatChunkDecoder.parse(event.data))
        } catch {
            throw login.redacted(error)
        }
    }
}
