import AlulaInference
import AlulaJSON
import AlulaPrimitives

/// One request to a provider and the beginning of its answer: the text is written, then the login is opened, then it is sent.
struct UpstreamExchange: Sendable {
    let client: UpstreamClient
    let logins: any LoginOpening
    let texts: TextWork

    /// - Parameters:
    ///   - bytes: Roughly how long the request is.
    ///   - url: The address below the provider's base URL.
    ///   - headers: What the kind of API wants besides the headers that every request has.
    ///   - body: Writes the request.
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func send(
        _ target: CallTarget, of bytes: Int, to url: (_ base: String) -> String,
        headers: (OpenedLogin) -> [(name: String, value: String)],
        _ body: @escaping @Sendable () throws(AttemptFailure) -> [UInt8]
    ) async throws -> (UpstreamAnswer, OpenedLogin) {
        guard let base = target.baseURL else {
            throw AttemptFailure(
                FailureReport(message: "The provider has no base URL: set models.providers.<id>.baseUrl."))
        }
        let text = try await texts.work(on: bytes, body)
        // At the last moment, so that it is kept for no longer than the sending takes.
        let login = try await logins.open(target)
        try await client.prepare(login.transport, on: texts)
        return try await client.send(
            url(login.baseURL ?? base), as: login, headers: { Self.lines(headers($0), $0) }, body: text,
            until: target.deadline, isTimed: target.isTimed)
    }

    /// Asks for an answer.
    func send(
        _ call: ModelCall, to url: (_ base: String) -> String,
        headers: (OpenedLogin) -> [(name: String, value: String)],
        _ body: @escaping @Sendable () throws(AttemptFailure) -> [UInt8]
    ) async throws -> (UpstreamAnswer, OpenedLogin) {
        let bytes = call.request.approximateBytes(upTo: MessageSize.maximumInline.bytes)
        return try await send(
            call.target, of: bytes, to: url,
            headers: { ($0.introduction == nil ? [] : call.request.marks) + headers($0) }, body)
    }

    /// Asks for vectors, and reads them.
    func vectors(
        _ call: EmbeddingCall, to url: (_ base: String) -> String,
        headers: (OpenedLogin) -> [(name: String, value: String)],
        _ body: @escaping @Sendable () throws(AttemptFailure) -> JSONValue,
        read: @escaping @Sendable (JSONObject) -> EmbeddingAnswer?
    ) async throws -> EmbeddingAnswer {
        let bytes = call.request.approximateBytes(upTo: MessageSize.maximumInline.bytes)
        let (answer, login) = try await send(call.target, of: bytes, to: url, headers: headers) {
            () throws(AttemptFailure) in try body().serialized(.compact)
        }
        try await client.check(answer, login)
        let text = try await answer.body.rest(upTo: client.limits.maximumAnswer)
        return try await texts.work(on: text.count) { () throws(AttemptFailure) in
            let value: JSONValue?
            do throws(JSONError) { value = try JSONValue.parse(text) } catch { value = nil }
            if let error = value?["error"], !error.isNull {
                throw login.redacted(AttemptFailure(ErrorBody.report(error, status: nil)))
            }
            guard let vectors = value?.object.flatMap(read) else { throw Self.noVectors }
            return vectors
        }
    }

    private static let noVectors = AttemptFailure(
        FailureReport(message: "The provider answered with something that is no list of vectors."))

    private static func lines(
        _ own: [(name: String, value: String)], _ login: OpenedLogin
    ) -> [(name: String, value: String)] {
        var lines = [(name: "content-type", value: "application/json"), (name: "user-agent", value: "alula")]
        lines += (login.introduction ?? []) + own
        // What the configuration says about headers counts more, authorization included.
        for header in login.headers { lines.append((name: header.name, value: header.value.exposed)) }
        return lines
    }
}

extension OpenedLogin {
    /// The headers of OpenAI's APIs, which take keys and tokens alike.
    func bearerHeaders(isStreamed: Bool) -> [(name: String, value: String)] {
        var headers = [(name: "accept", value: isStreamed ? "text/event-stream" : "application/json")]
        if let secret { headers.append((name: "authorization", value: "Bearer \(secret.exposed)")) }
        return headers
    }
}

extension String {
    /// A base URL without white space around it and slashes at its end.
    var baseAddress: String {
        var base = trimmed()
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }
}
