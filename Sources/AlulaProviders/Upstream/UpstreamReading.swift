import AlulaInference
import AlulaPrimitives
import NIOCore
import Synchronization

extension UpstreamClient {
    /// Reads the answer to a call, however the provider sends it.
    ///
    /// - Throws: ``AttemptFailure`` for an answer that says that something failed, `CancellationError`.
    func read<Decoder: AnswerDecoding>(
        _ answer: UpstreamAnswer, by decoder: Decoder.Type, _ login: OpenedLogin, _ texts: TextWork
    ) async throws -> any AnswerStream {
        try await check(answer, login)
        if Decoder.Cutter.isStream(answer.mediaType) {
            return UpstreamStream<Decoder>(body: answer.body, login: login, texts: texts)
        }
        // Some servers answer whole although a stream was asked for, and some say nothing about the kind.
        let bytes = try await answer.body.rest(upTo: limits.maximumAnswer)
        if Decoder.Cutter.isStream(bytes, labelled: answer.mediaType) {
            let events = try await texts.work(on: bytes.count) { () throws(AttemptFailure) in
                try ProviderStream.read([bytes], by: decoder, login)
            }
            return WholeAnswer(events: events[...])
        }
        let events = try await texts.work(on: bytes.count) { () throws(AttemptFailure) in
            var decoder = Decoder()
            do throws(AttemptFailure) {
                let events = try decoder.take(whole: bytes)
                guard decoder.isFinished else { throw AttemptFailure.unfinished }
                return events[...]
            } catch {
                throw login.redacted(error)
            }
        }
        return WholeAnswer(events: events)
    }

    /// - Throws: ``AttemptFailure`` with the provider's words unless the status says that all is well.
    func check(_ answer: UpstreamAnswer, _ login: OpenedLogin) async throws {
        if (200...299).contains(answer.status) { return }
        let bytes = try await answer.body.rest(upTo: limits.maximumError, truncates: true)
        var report = ErrorBody.report(bytes, status: answer.status, retryAfter: answer.retryAfter)
        report.message = login.redacted(report.message)
        throw AttemptFailure(report)
    }
}

/// An answer that came in one piece.
private struct WholeAnswer: AnswerStream {
    var events: ArraySlice<InferenceEvent>

    mutating func next() async throws -> InferenceEvent? { events.popFirst() }
}

/// An answer that comes as an event stream.
private struct UpstreamStream<Decoder: AnswerDecoding>: AnswerStream {
    private let body: UpstreamBody
    private let texts: TextWork
    private let reading: Reading<Decoder>
    private var ready: ArraySlice<InferenceEvent> = []

    init(body: UpstreamBody, login: OpenedLogin, texts: TextWork) {
        self.body = body
        self.texts = texts
        reading = Reading(login)
    }

    // Its frame stays with an open stream, so whatever does not wait for the next bytes is in functions of its own.
    mutating func next() async throws -> InferenceEvent? {
        while true {
            if let event = takeReady() { return event }
            if reading.hasEnded { return nil }
            let bytes = try await body.next()
            if try !read(bytes) { ready = try await readLong(bytes) }
        }
    }

    @inline(never)
    private mutating func takeReady() -> InferenceEvent? {
        let event = ready.popFirst()
        // What was read is not kept until more comes.
        if ready.isEmpty { ready = [] }
        return event
    }

    /// Reads what is read where the stream runs. An event is understood once its end is there, in however many pieces it came.
    ///
    /// - Returns: `false` for too much.
    @inline(never)
    private mutating func read(_ bytes: ByteBuffer?) throws(AttemptFailure) -> Bool {
        guard texts.isShort(count(with: bytes)) else { return false }
        ready = try reading.take(bytes)
        return true
    }

    @inline(never)
    private func readLong(_ bytes: ByteBuffer?) async throws -> ArraySlice<InferenceEvent> {
        let reading = reading
        return try await texts.work(on: count(with: bytes)) { () throws(AttemptFailure) in try reading.take(bytes) }
    }

    private func count(with bytes: ByteBuffer?) -> Int { reading.waitingBytes + (bytes?.readableBytes ?? 0) }
}

/// How far a stream has been read, for whichever thread reads on. Only the stream's one reader waits here.
private final class Reading<Decoder: AnswerDecoding>: Sendable {
    private let reader: Mutex<AnswerStreamReader<Decoder>>

    init(_ login: OpenedLogin) { reader = Mutex(AnswerStreamReader(login: login)) }

    var hasEnded: Bool { reader.withLock(\.hasEnded) }
    var waitingBytes: Int { reader.withLock(\.waitingBytes) }

    /// - Parameter bytes: `nil` at the end.
    func take(_ bytes: ByteBuffer?) throws(AttemptFailure) -> ArraySlice<InferenceEvent> {
        try reader.withLock { (reader) throws(AttemptFailure) in
            if let bytes { try reader.take(bytes.readableBytesView) } else { try reader.end() }
            return reader.takeEvents()
        }
    }
}
