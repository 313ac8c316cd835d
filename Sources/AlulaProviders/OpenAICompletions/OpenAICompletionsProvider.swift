package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import NIOCore
import Synchronization

/// Models behind `POST <base URL>/chat/completions`, which OpenAI and most others speak.
package struct OpenAICompletionsProvider: ModelProvider {
    private let client: UpstreamClient
    private let logins: any LoginOpening
    private let texts: TextWork

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        self.client = client
        self.logins = logins
        texts = TextWork(offloading: offloading)
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        guard let base = call.baseURL else {
            throw AttemptFailure(
                FailureReport(message: "The provider has no base URL: set models.providers.<id>.baseUrl."))
        }
        let quirks = ChatRequestEncoder.Quirks(isOpenAI: Self.host(of: base) == "api.openai.com")
        let encoder = ChatRequestEncoder(model: call.route.model.model.rawValue, quirks: quirks)
        let request = call.request
        let body = try await texts.work(on: request.approximateBytes(upTo: TextWork.maximumInline)) {
            () throws(AttemptFailure) in try encoder.encode(request).serialized(.compact)
        }
        // At the last moment, so that it is kept for no longer than the sending takes.
        let login = try await logins.open(call)
        let answer = try await client.post(
            Self.url(base), headers: Self.headers(login, isStreamed: call.request.isStreamed),
            body: body, until: call.deadline)
        return try await read(answer, login)
    }

    private func read(_ answer: UpstreamAnswer, _ login: OpenedLogin) async throws -> any AnswerStream {
        guard (200...299).contains(answer.status) else {
            let bytes = try await answer.body.rest(upTo: client.limits.maximumError, truncates: true)
            var report = ErrorBody.report(bytes, status: answer.status, retryAfter: answer.retryAfter)
            report.message = login.redacted(report.message)
            throw AttemptFailure(report)
        }
        if answer.mediaType == "text/event-stream" {
            return ChatStream(body: answer.body, login: login, texts: texts)
        }
        // Some servers answer whole although a stream was asked for, and some say nothing about the kind.
        let bytes = try await answer.body.rest(upTo: client.limits.maximumAnswer)
        if answer.mediaType.isEmpty || answer.mediaType == "text/plain", bytes.starts(with: Array("data:".utf8)) {
            let events = try await texts.work(on: bytes.count) { () throws(AttemptFailure) in
                var reader = ChatStreamReader(login: login)
                try reader.take(bytes)
                try reader.end()
                return reader.takeEvents()
            }
            return WholeAnswer(events: events)
        }
        let events = try await texts.work(on: bytes.count) { () throws(AttemptFailure) in
            var decoder = ChatChunkDecoder()
            do throws(AttemptFailure) {
                let events = try decoder.decode(ChatChunkDecoder.parse(bytes))
                guard decoder.isFinished else { throw Self.unfinished }
                return events[...]
            } catch {
                throw login.redacted(error)
            }
        }
        return WholeAnswer(events: events)
    }

    private static func headers(_ login: OpenedLogin, isStreamed: Bool) -> [(name: String, value: String)] {
        var headers = [
            (name: "content-type", value: "application/json"),
            (name: "accept", value: isStreamed ? "text/event-stream" : "application/json"),
            (name: "user-agent", value: "alula"),
        ]
        if let secret = login.secret { headers.append((name: "authorization", value: "Bearer \(secret.exposed)")) }
        // What the configuration says about headers counts more, authorization included.
        for header in login.headers { headers.append((name: header.name, value: header.value.exposed)) }
        return headers
    }

    /// The address below a base URL, which may end in a slash or have the path already.
    static func url(_ base: String) -> String {
        var base = base.trimmed()
        while base.hasSuffix("/") { base.removeLast() }
        return base.hasSuffix("/chat/completions") ? base : base + "/chat/completions"
    }

    private static func host(of url: String) -> String {
        let rest = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        return String(rest.prefix { $0 != ":" }).lowercased()
    }

    static let unfinished = AttemptFailure(
        FailureReport(message: "The provider broke the answer off before its end."))
}

/// An answer that came in one piece.
private struct WholeAnswer: AnswerStream {
    var events: ArraySlice<InferenceEvent>

    mutating func next() async throws -> InferenceEvent? { events.popFirst() }
}

/// An answer that comes as an event stream.
private struct ChatStream: AnswerStream {
    private let body: UpstreamBody
    private let texts: TextWork
    private let reading: Reading
    private var ready: ArraySlice<InferenceEvent> = []

    init(body: UpstreamBody, login: OpenedLogin, texts: TextWork) {
        self.body = body
        self.texts = texts
        reading = Reading(login)
    }

    mutating func next() async throws -> InferenceEvent? {
        while true {
            if let event = ready.popFirst() { return event }
            if reading.hasEnded { return nil }
            let bytes = try await body.next()
            let reading = reading
            // An event is understood once its end is there, in however many pieces it came.
            ready = try await texts.work(on: reading.waitingBytes + (bytes?.readableBytes ?? 0)) {
                () throws(AttemptFailure) in try reading.take(bytes)
            }
        }
    }
}

/// How far a stream has been read, for whichever thread reads on. Only the stream's one reader waits here.
private final class Reading: Sendable {
    private let reader: Mutex<ChatStreamReader>

    init(_ login: OpenedLogin) { reader = Mutex(ChatStreamReader(login: login)) }

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
