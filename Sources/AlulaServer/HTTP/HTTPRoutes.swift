import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import HTTPTypes
import Hummingbird
import NIOCore

/// What the port answers over plain HTTP.
struct HTTPRoutes: Sendable {
    let core: ServerCore

    func router() -> Router<HTTPContext> {
        let router = Router(context: HTTPContext.self)
        router.add(middleware: RequestMeter(observer: core.observer))
        router.add(middleware: SecurityHeaders(strictTransportSecurity: core.settings.strictTransportSecurity))
        // Only routes that are added after a middleware pass through it; these read their bodies themselves.
        if core.settings.models.offersChatCompletions {
            router.post(Self.chatCompletions) { try await ask($0, $1, in: OpenAIChatDialect()) }
        }
        if core.settings.models.offersResponses {
            router.post(Self.responses) { try await ask($0, $1, in: OpenAIResponsesDialect()) }
        }
        router.post(Self.messages) { try await ask($0, $1, in: AnthropicMessagesDialect()) }
        router.post(Self.tokenCount) { try await countTokens($0, $1) }
        router.post(Self.embeddings) { try await embed($0, $1) }
        router.add(middleware: BodyBound(limits: core.settings.http))
        addModelRefusals(router)
        for path in ["health", "healthz"] as [RouterPath] {
            add(router, path) { _, _ in
                WorkRegister.withWork("GET /healthz") { Self.json(["ok": true, "status": "live"]) }
            }
        }
        for path in ["ready", "readyz"] as [RouterPath] {
            add(router, path) { request, context in
                WorkRegister.withWork("GET /readyz") { readiness(request, context) }
            }
        }
        add(router, "metrics") { try await metrics($0, $1) }
        add(router, "v1/models") { try await models($0, $1) }
        // Ids of models have slashes, so everything that follows is the id.
        add(router, "v1/models/**") { try await model($0, $1) }
        add(router, "") { _, _ in Self.text(.ok, Self.welcome) }
        router.get("**") { _, _ in Self.text(.notFound, "Not Found") }
        for method in Self.otherMethods {
            router.on("**", method: method) { _, _ in Self.text(.notFound, "Not Found") }
        }
        return router
    }

    /// Methods that no route serves.
    static let otherMethods: [HTTPRequest.Method] = [.post, .put, .patch, .delete, .options]

    private static let welcome = """
        This is an Alula gateway. It speaks the OpenClaw gateway protocol over WebSocket on this port,
        and HTTP: /healthz, /readyz, /metrics, /v1/models, /v1/chat/completions, /v1/responses,
        /v1/messages, /v1/embeddings.
        On the machine itself, try: alula models status

        """

    /// `GET` and `HEAD` are answered, other methods refused with what is allowed.
    private func add(
        _ router: Router<HTTPContext>, _ path: RouterPath,
        _ answer: @escaping @Sendable (Request, HTTPContext) async throws -> Response
    ) {
        router.get(path) { request, context in try await answer(request, context) }
        router.head(path) { request, context in
            var response = try await answer(request, context)
            let length = response.body.contentLength
            response.body = ResponseBody()
            if let length { response.headers[.contentLength] = "\(length)" }
            return response
        }
        for method in Self.otherMethods {
            router.on(path, method: method) { _, _ in
                var response = Self.text(.methodNotAllowed, "Method Not Allowed")
                response.headers[.allow] = "GET, HEAD"
                return response
            }
        }
    }

    // MARK: Answers

    private func readiness(_ request: Request, _ context: HTTPContext) -> Response {
        let readiness = core.operations.readiness()
        var object = JSONObject()
        object["ready"] = .bool(readiness.isReady)
        if isInside(request, context) {
            object["failing"] = .array(readiness.failing.map { .string($0) })
            object["uptimeMs"] = .number(readiness.uptime.milliseconds)
            object["eventLoop"] = readiness.eventLoop
        }
        return Self.json(.object(object), status: readiness.isReady ? .ok : .serviceUnavailable)
    }

    private func metrics(_ request: Request, _ context: HTTPContext) async throws -> Response {
        guard isInside(request, context) else { return unauthorized() }
        var response = Self.text(.ok, await core.operations.prometheusText())
        response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
        return response
    }

    private func models(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let caller: RequestCaller
        switch standing(of: request, context) {
        case .granted(let key): caller = key?.caller ?? .owner
        case .refused(let error): return refusal(error)
        }
        do throws(GatewayError) {
            let rows = try await core.operations.openAIModels()
            return WorkRegister.withWork("GET /v1/models") {
                Self.json(["object": "list", "data": .array(rows.filter { $0.isVisible(to: caller) }.map(\.payload))])
            }
        } catch {
            return Self.error(error.message, type: "api_error", status: .serviceUnavailable)
        }
    }

    private func model(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let caller: RequestCaller
        switch standing(of: request, context) {
        case .granted(let key): caller = key?.caller ?? .owner
        case .refused(let error): return refusal(error)
        }
        let path = request.uri.path
        let id = Self.decoded(path.dropFirst("/v1/models/".count))
        do throws(GatewayError) {
            let rows = try await core.operations.openAIModels()
            return WorkRegister.withWork("GET /v1/models/…") {
                guard let row = rows.first(where: { $0.id == id && $0.isVisible(to: caller) }) else {
                    return Self.error("Model '\(id)' not found.", type: "invalid_request_error", status: .notFound)
                }
                return Self.json(row.payload)
            }
        } catch {
            return Self.error(error.message, type: "api_error", status: .serviceUnavailable)
        }
    }

    // MARK: Callers

    /// From this machine, or with the secret.
    private func isInside(_ request: Request, _ context: HTTPContext) -> Bool {
        let peer = peer(of: request, context)
        if peer.isDirectLocal { return true }
        guard core.limiter.lockout(of: peer, at: .now) == nil else { return false }
        let verdict = verdict(of: request, from: peer)
        // Whoever may guess without being counted guesses until it is right.
        if verdict == .mismatched { core.recordFailure(of: peer) }
        return verdict == .matched
    }

    /// How a caller stands.
    enum Standing {
        /// It may come in: by a key, or `nil` for everything that the gateway's own secret opens.
        case granted(APIKey?)
        case refused(AnswerError)
    }

    /// How the caller of a request about models stands.
    func standing(of request: Request, _ context: HTTPContext) -> Standing {
        let peer = peer(of: request, context)
        if let lockout = core.limiter.lockout(of: peer, at: .now) {
            return .refused(AnswerError(.rateLimited, "Too many failed attempts.", retryAfter: lockout))
        }
        let verdict = verdict(of: request, from: peer)
        if verdict != .matched, let meant = offered(by: request).first(where: APIKey.isMeant) {
            guard let key = core.keys.key(for: meant) else {
                core.recordFailure(of: peer)
                return .refused(Self.unauthorized("This API key does not exist, or not any more."))
            }
            guard !key.hasExpired(at: core.now()) else {
                return .refused(Self.unauthorized("This API key has expired."))
            }
            return .granted(key)
        }
        switch verdict {
        // Without a secret a page in a browser could reach this port by a name of its own, so the name must be ours.
        case .open where peer.isDirectLocal || !peer.isLoopbackAddress: return .granted(nil)
        case .matched: return .granted(nil)
        case .mismatched: core.recordFailure(of: peer)
        case .open, .missing, .notConfigured: break
        }
        return .refused(
            Self.unauthorized("the gateway's token or an API key must come as a Bearer token or as `x-api-key`."))
    }

    private static func unauthorized(_ reason: String) -> AnswerError {
        AnswerError(.unauthorized, "Unauthorized: \(reason)")
    }

    /// What a caller who asks about models without a right to is answered.
    private func refusal(_ error: AnswerError) -> Response {
        guard let lockout = error.retryAfter else { return unauthorized() }
        var response = Self.error(error.message, type: "rate_limited", status: .tooManyRequests)
        response.headers[.retryAfter] = "\(max(1, lockout.milliseconds / 1000))"
        return response
    }

    /// Compares the bearer, and the key that Anthropic's clients send in its place or beside it.
    private func verdict(of request: Request, from peer: Peer) -> CallerAuthentication.Verdict {
        let authentication = core.access.authentication
        let offered = offered(by: request)
        let verdicts = offered.map { authentication.verdict(bearer: $0, from: peer) }
        return verdicts.first { $0 != .missing && $0 != .mismatched } ?? verdicts.first { $0 == .mismatched }
            ?? authentication.verdict(bearer: nil, from: peer)
    }

    /// The secrets that a request brings, the bearer first.
    private func offered(by request: Request) -> [Secret] {
        let prefix = "bearer "
        let header = request.headers[.authorization] ?? ""
        let bearer =
            header.prefix(prefix.count).lowercased() == prefix
            ? Secret(String(header.dropFirst(prefix.count)).trimmed()) : nil
        return [bearer, request.headers[Self.key].map { Secret($0.trimmed()) }].compactMap(\.self)
    }

    private static let key = HTTPField.Name("x-api-key") ?? .authorization

    private func peer(of request: Request, _ context: HTTPContext) -> Peer {
        Peer(
            address: context.remoteAddress, host: request.head.authority,
            fields: request.headers.lazy.map { (name: $0.name.canonicalName, value: $0.value) },
            trustedProxies: core.access.trustedProxies)
    }

    private func unauthorized() -> Response { Self.error("Unauthorized", type: "unauthorized", status: .unauthorized) }

    /// A path with its percent signs read.
    private static func decoded(_ path: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(path.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Forms

    private static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.serialized(.compact))))
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static func error(_ message: String, type: String, status: HTTPResponse.Status) -> Response {
        json(["error": ["message": .string(message), "type": .string(type)]], status: status)
    }
}
