package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import NIOCore

/// Models behind `POST <base URL>/chat/completions`, which OpenAI and most others speak.
package struct OpenAICompletionsProvider: ModelProvider {
    private let client: UpstreamClient
    private let logins: any LoginOpening

    package init(client: UpstreamClient, logins: any LoginOpening) {
        self.client = client
        self.logins = logins
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        guard let base = call.baseURL else {
            throw AttemptFailure(
                FailureReport(message: "The provider has no base URL: set models.providers.<id>.baseUrl."))
        }
        let quirks = ChatRequestEncoder.Quirks(isOpenAI: Self.host(of: base) == "api.openai.com")
        let body = try ChatRequestEncoder(model: call.route.model.model.rawValue, quirks: quirks).encode(call.request)
        // At the last moment, so that it is kept for no longer than the sending takes.
        let login = try await logins.open(call)
        let answer = try await client.post(
            Self.url(base), headers: Self.headers(login, isStreamed: call.request.isStreamed),
            body: body.serialized(.compact), until: call.deadline)
        return try await read(answer, login)
    }

    private func read(_ answer: UpstreamAnswer, _ login: OpenedLogin) async throws -> any AnswerStream {
        guard (200...299).contains(answer.status) else {
            let bytes = try await answer.body.rest(upTo: client.limits.maximumError, truncates: true)
            var report = ErrorBody.report(bytes, status: answer.status, retryAfter: answer.retryAfter)
            report.message = login.redacted(report.message)
            throw AttemptFailure(report)
        }
        if answer.mediaType == "text/event-stream" { return ChatStream(body: answer.body, login: login) }
        // Some servers answer whole although a stream was asked for, and some say nothing about the kind.
        let bytes = try await answer.body.rest(upTo: client.limits.maximumAnswer)
        if answer.mediaType.isEmpty || answer.mediaType == "text/plain", bytes.starts(with: Array("data:".utf8)) {
            return try ChatStream(bytes: bytes, login: login)
        }
        guard let value = try? JSONValue.parse(bytes) else { throw ChatChunkDecoder.malformed }
        var decoder = ChatChunkDecoder()
        do throws(AttemptFailure) {
            let events = try decoder.decode(value)
            guard decoder.isFinished else { throw Self.unfinished }
            return WholeAnswer(events: events[...])
        } catch {
            throw login.redacted(error)
        }
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
    private let body: UpstreamBody?
    private let login: OpenedLogin
    private var cutter = EventStreamDecoder()
    private var decoder = ChatChunkDecoder()
    private var ready: ArraySlice<InferenceEvent> = []
    private var hasEnded = false

    init(body: UpstreamBody, login: OpenedLogin) {
        self.body = body
        self.login = login
    }

    /// A stream that is there already.
    init(bytes: [UInt8], login: OpenedLogin) throws {
        body = nil
        self.login = login
        try take(bytes)
        try end()
    }

    mutating func next() async throws -> InferenceEvent? {
        while true {
            if let event = ready.popFirst() { return event }
            if hasEnded { return nil }
            guard let body, let bytes = try await body.next() else {
                try end()
                continue
            }
            try take(bytes.readableBytesView)
        }
    }

    private mutating func take(_ bytes: some Sequence<UInt8>) throws {
        do {
            for event in try cutter.take(bytes) { try take(event) }
        } catch let error as InferenceError {
            throw AttemptFailure(FailureReport(message: error.message))
        }
    }

    private mutating func take(_ event: EventStreamDecoder.Event) throws {
        guard !hasEnded else { return }
        if event.data == Array("[DONE]".utf8) {
            hasEnded = true
            guard decoder.isFinished else { throw OpenAICompletionsProvider.unfinished }
            return
        }
        guard let value = try? JSONValue.parse(event.data) else { throw ChatChunkDecoder.malformed }
        do throws(AttemptFailure) { ready += try decoder.decode(value) } catch { throw login.redacted(error) }
    }

    /// Some servers close without `[DONE]`; whoever has said why the answer ended has said enough.
    private mutating func end() throws {
        if let last = cutter.end() { try take(last) }
        hasEnded = true
        guard decoder.isFinished else { throw OpenAICompletionsProvider.unfinished }
    }
}

extension OpenedLogin {
    /// A provider's words without this login's secrets, which some of them repeat.
    fileprivate func redacted(_ text: String) -> String {
        var text = text
        for secret in [secret].compactMap({ $0 }) + headers.map(\.value) where secret.exposed.utf8.count >= 6 {
            text = text.replacing(secret.exposed, with: Secret.placeholder)
        }
        return text
    }

    fileprivate func redacted(_ failure: AttemptFailure) -> AttemptFailure {
        AttemptFailure(
            judgement: failure.judgement, message: redacted(failure.message), status: failure.status,
            retryAfter: failure.retryAfter)
    }
}
