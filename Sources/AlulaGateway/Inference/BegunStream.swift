import AlulaAuth
import AlulaInference
import AlulaProtocol

/// An answer of which enough has been read to know that it is one: what a provider says about an answer before its first
/// piece does not count, since an error may still follow.
struct BegunStream: AnswerStream {
    private var ready: ArraySlice<InferenceEvent>
    private var rest: any AnswerStream
    private let meter: RequestMeter
    private let broke: @Sendable (AttemptFailure) async -> AnswerError

    /// Reads up to the first piece.
    ///
    /// - Parameters:
    ///   - meter: Hears what the request takes.
    ///   - broke: Says what the caller is told when the answer breaks off later.
    /// - Throws: ``AttemptFailure`` when there is none.
    static func begin(
        _ stream: any AnswerStream, meter: RequestMeter,
        broke: @escaping @Sendable (AttemptFailure) async -> AnswerError
    ) async throws -> BegunStream {
        var (stream, ready) = (stream, [InferenceEvent]())
        while let event = try await stream.next() {
            meter.begins(event)
            ready.append(event)
            switch event {
            case .started, .usage: continue
            default: return BegunStream(ready: ready[...], rest: stream, meter: meter, broke: broke)
            }
        }
        throw AttemptFailure(judgement: .failure(.emptyResponse), message: "The provider's answer was empty.")
    }

    // Its frame stays with an open stream, so whatever does not wait for the next piece is in functions of its own.
    /// - Throws: `AnswerError` when the answer breaks off.
    mutating func next() async throws -> InferenceEvent? {
        if let event = takeReady() { return event }
        do {
            let event = try await rest.next()
            note(event)
            return event
        } catch {
            throw await told(error)
        }
    }

    @inline(never)
    private mutating func takeReady() -> InferenceEvent? {
        let event = ready.popFirst()
        // What was read at first is not kept for as long as the stream is open.
        if ready.isEmpty { ready = [] }
        return event
    }

    @inline(never)
    private func note(_ event: InferenceEvent?) {
        if let event { meter.took(event) } else { meter.ended() }
    }

    /// What the caller is told of an error.
    @inline(never)
    private func told(_ error: any Error) async -> any Error {
        guard let failure = error as? AttemptFailure else { return error }
        return await broke(failure)
    }
}
