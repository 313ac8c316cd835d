import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers requests to models in the caller's dialect.
struct ModelAnswers {
    let core: ServerCore
    let dialect: any AnswerDialect
    let caller: RequestCaller

    /// The reference's header for the name of a conversation.
    private static let sessionKey = HTTPField.Name("x-openclaw-session-key") ?? .server

    /// Answers a caller who may ask.
    func answer(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let (features, sessionKey) = (features(of: request), request.headers[Self.sessionKey])
        return try await respond(to: request, context) { [channel = context.channel] work, labels in
            var wanted = try await RequestBodyReader(core: core, maximum: maximumBody).read(request, for: work) {
                [dialect] (value) throws(InferenceError) in try dialect.decode(value)
            }
            wanted.features = features
            wanted.caller = caller
            wanted.sessionKey = sessionKey
            let own = AnswerLabels(id: labels.id, model: wanted.model, createdAt: labels.createdAt)
            if wanted.isStreamed { return try await stream(wanted, own, channel, work) }
            return try await whole(wanted, own, work)
        }
    }

    /// Does the work for a request, and tells the caller in its dialect what went wrong.
    ///
    /// - Parameter body: Everything up to the head of the response. It runs in a task of its own: what it takes is given back
    ///   before a stream begins, which may be open for long.
    func respond(
        to request: Request, _ context: HTTPContext,
        _ body: @escaping @Sendable (AnswerWork, AnswerLabels) async throws -> Response
    ) async throws -> Response {
        let work = await AnswerWork.begin(for: context.channel, in: core)
        let labels = AnswerLabels(id: Nonce.make(), model: "", createdAt: core.now())
        do {
            return try await work.run { try await body(work, labels) }
        } catch let error as AnswerError {
            return try await refusal(error, labels, request, context, work)
        } catch {
            guard let error = work.ending?.error else {
                // Nobody is there to be told.
                context.channel.close(promise: nil)
                throw error
            }
            return try await refusal(error, labels, request, context, work)
        }
    }

    // MARK: Kinds of answers

    private func whole(_ request: InferenceRequest, _ labels: AnswerLabels, _ work: AnswerWork) async throws -> Response
    {
        let begun = try await core.operations.answer(request, until: deadline)
        let answer = try await begun.stream.assembled(on: work.eventLoop)
        let encode: @Sendable () -> Result<ByteBuffer, AnswerError> = { [dialect] in
            do throws(InferenceError) {
                return .success(ByteBuffer(bytes: try dialect.encode(answer, to: request, labels).serialized(.compact)))
            } catch {
                return .failure(AnswerError(error))
            }
        }
        let isSmall = answer.approximateBytes <= core.settings.models.maximumInline.bytes
        let body =
            isSmall
            ? try WorkRegister.withWork("write an answer", encode).get()
            : try await core.pool.runForCaller("write an answer", encode).get()
        var headers = AnswerHeaders.fields(of: begun, dialect, labels)
        headers[.contentType] = "application/json; charset=utf-8"
        log(begun, labels)
        work.answered(nil)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private func stream(
        _ request: InferenceRequest, _ labels: AnswerLabels, _ channel: any Channel, _ work: AnswerWork
    ) async throws -> Response {
        let begun = try await core.operations.answer(request, until: deadline)
        var headers = AnswerHeaders.fields(of: begun, dialect, labels)
        headers[.contentType] = "text/event-stream; charset=utf-8"
        // Proxies that collect answers would hold a stream back until its end.
        headers[AnswerHeaders.buffering] = "no"
        log(begun, labels)
        let core = core
        let logger = core.logger
        let encoder = dialect.streamEncoder(for: request, labels)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let answer = StreamedAnswer(stream: begun.stream, encoder: encoder, writer: writer, core: core)
                try await answer.write(for: work, on: channel) { error in Self.log(error, labels, logger) }
            })
    }

    /// The largest body of a request.
    var maximumBody: ByteCount {
        let settings = core.settings.models
        return dialect is OpenAIResponsesDialect ? settings.maximumResponsesBody : settings.maximumBody
    }

    /// When whoever asks now stops waiting.
    var deadline: Deadline { .after(core.settings.models.answerTimeout) }

    // MARK: Forms

    // Its frame is no part of the one that stays with a stream.
    @inline(never)
    private func refusal(
        _ error: AnswerError, _ labels: AnswerLabels, _ request: Request, _ context: HTTPContext, _ work: AnswerWork
    ) async throws -> Response {
        work.answered(error)
        Self.log(error, labels, core.logger)
        var isWhole = work.body == .whole
        // A body that is too large by its own account is not waited for.
        if work.body == .untouched, error.kind != .tooLarge {
            isWhole = try await BodyBound(limits: core.settings.http).drop(request, context)
        }
        // What is left of a body is no next request.
        if !isWhole { BodyBound.closeSoon(context.channel) }
        return AnswerHeaders.refusal(error, dialect, labels, closing: !isWhole)
    }

    /// Trial features that the head of a request switches on. What can't be the name of one is left out.
    func features(of request: Request) -> [String] {
        guard let name = dialect.featureHeader.flatMap({ HTTPField.Name($0) }) else { return [] }
        return request.headers[values: name].flatMap { line in
            line.split(separator: ",").map { String($0).trimmed() }
        }.filter { name in !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
    }

    private func log(_ begun: BegunAnswer, _ labels: AnswerLabels) {
        core.logger.debug(
            "A model answers",
            metadata: [
                LogKey.request: "\(labels.id)", LogKey.model: "\(begun.model)", "attempts": "\(begun.attempts)",
            ])
    }

    private static func log(_ error: AnswerError, _ labels: AnswerLabels, _ logger: Logger) {
        logger.info(
            "A request to a model failed",
            metadata: [LogKey.request: "\(labels.id)", LogKey.errorCode: "\(ServerEvents.outcome(error.kind))"])
    }
}

extension AnswerWork.Ending {
    /// What the caller is told; `nil` for one who has left.
    var error: AnswerError? {
        switch self {
        case .hungUp: nil
        case .stopping:
            AnswerError(.overloaded, "The gateway is stopping; ask again in a moment.", retryAfter: .seconds(2))
        case .bodyTooSlow: AnswerError(.bodyTooSlow, "The body did not come in time.")
        case .outOfTime: AnswerError(.timeout, "The answer did not come in time.")
        }
    }
}

extension AnswerStream {
    /// The whole answer.
    ///
    /// - Parameter eventLoop: Where the calling task runs.
    /// - Throws: `AnswerError` when it breaks off.
    fileprivate func assembled(on eventLoop: any EventLoop) async throws -> InferenceAnswer {
        var (stream, assembler) = (self, AnswerAssembler())
        var breather = Breather(on: eventLoop)
        do {
            while let event = try await stream.next() {
                try assembler.take(event)
                await breather.breathe()
            }
            return try assembler.answer()
        } catch let error as InferenceError {
            throw AnswerError(error)
        }
    }
}

/// Gives the thread to others now and then during work that might never wait.
struct Breather {
    /// Long enough for an event loop to look at its sockets: it goes on with whatever is ready first, and so a task that
    /// only yields would hold it.
    private static let pause = TimeAmount.microseconds(50)

    private let eventLoop: any EventLoop
    private var count = 0

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    mutating func breathe() async {
        count += 1
        if count.isMultiple(of: 64) { await rest() }
    }

    @inline(never)
    private func rest() async {
        // It fails only with its loop, and then there is nobody to make room for.
        do { try await eventLoop.scheduleTask(in: Self.pause) {}.futureResult.get() } catch {}
    }
}
