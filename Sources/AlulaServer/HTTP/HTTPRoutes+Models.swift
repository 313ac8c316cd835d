import AlulaInference
import AlulaPrimitives
import AlulaProtocol
import HTTPTypes
import Hummingbird

/// The routes on which models are asked. Whatever they answer, errors included, is in the caller's dialect.
extension HTTPRoutes {
    static let chatCompletions: RouterPath = "v1/chat/completions"
    static let responses: RouterPath = "v1/responses"
    static let messages: RouterPath = "v1/messages"
    static let tokenCount: RouterPath = "v1/messages/count_tokens"
    static let embeddings: RouterPath = "v1/embeddings"

    func ask(
        _ request: Request, _ context: HTTPContext, in dialect: any AnswerDialect
    ) async throws -> Response {
        switch admission(of: request, context) {
        case .success(let caller):
            return try await ModelAnswers(core: core, dialect: dialect, caller: caller).answer(request, context)
        case .failure(let error): return try await refuse(request, context, error, in: dialect)
        }
    }

    func countTokens(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let dialect = AnthropicMessagesDialect()
        switch admission(of: request, context) {
        case .success(let caller):
            return try await ModelAnswers(core: core, dialect: dialect, caller: caller).countTokens(request, context)
        case .failure(let error): return try await refuse(request, context, error, in: dialect)
        }
    }

    func embed(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let dialect = OpenAIChatDialect()
        switch admission(of: request, context) {
        case .success(let caller):
            return try await ModelAnswers(core: core, dialect: dialect, caller: caller).embed(request, context)
        case .failure(let error): return try await refuse(request, context, error, in: dialect)
        }
    }

    /// Who asks a model, and may do so now.
    private func admission(of request: Request, _ context: HTTPContext) -> Result<RequestCaller, AnswerError> {
        switch standing(of: request, context) {
        case .refused(let error): return .failure(error)
        case .granted(nil): return .success(.owner)
        case .granted(let key?):
            if let refusal = core.keys.admit(key, at: .now) { return .failure(AnswerError(refusal)) }
            return .success(key.caller)
        }
    }

    private func refuse(
        _ request: Request, _ context: HTTPContext, _ error: AnswerError, in dialect: any AnswerDialect
    ) async throws -> Response {
        let isWhole = try await BodyBound(limits: core.settings.http).drop(request, context)
        if !isWhole { BodyBound.closeSoon(context.channel) }
        return AnswerHeaders.refusal(error, dialect, closing: !isWhole)
    }

    /// The dialect in which a path is refused; `nil` for one that no dialect has.
    static func dialect(at path: some StringProtocol) -> (any AnswerDialect)? {
        if path == "/v1/messages" || path.hasPrefix("/v1/messages/") { return AnthropicMessagesDialect() }
        if path == "/v1/responses" || path.hasPrefix("/v1/responses/") { return OpenAIResponsesDialect() }
        return path == "/v1/chat/completions" ? OpenAIChatDialect() : nil
    }

    /// What is no route: another method, another address below `/v1`, a route that is switched off.
    func addModelRefusals(_ router: Router<HTTPContext>) {
        let settings = core.settings.models
        addRefusals(
            router, Self.chatCompletions, "chatCompletions", isOffered: settings.offersChatCompletions,
            OpenAIChatDialect())
        addRefusals(
            router, Self.responses, "responses", isOffered: settings.offersResponses, OpenAIResponsesDialect())
        for path in [Self.messages, Self.tokenCount] {
            for method in [.get, .head] + Self.otherMethods where method != .post {
                router.on(path, method: method) { _, _ in Self.onlyPost(AnthropicMessagesDialect()) }
            }
        }
        for method in [.get, .head] + Self.otherMethods where method != .post {
            router.on(Self.embeddings, method: method) { _, _ in Self.onlyPost(OpenAIChatDialect()) }
        }
        for method in [.get, .head] + Self.otherMethods {
            router.on("v1/**", method: method) { request, _ in
                AnswerHeaders.refusal(
                    AnswerError(.notFound, "This gateway serves no such address."),
                    Self.dialect(at: request.uri.path) ?? OpenAIChatDialect())
            }
        }
    }

    /// - Parameter key: Under `gateway.http.endpoints` the route can be switched off by it.
    private func addRefusals(
        _ router: Router<HTTPContext>, _ path: RouterPath, _ key: String, isOffered: Bool, _ dialect: any AnswerDialect
    ) {
        for method in [.get, .head] + Self.otherMethods where !isOffered || method != .post {
            router.on(path, method: method) { _, _ in
                if isOffered { return Self.onlyPost(dialect) }
                return AnswerHeaders.refusal(
                    AnswerError(
                        .notFound, "gateway.http.endpoints.\(key).enabled is false, so this is not served."), dialect)
            }
        }
    }

    private static func onlyPost(_ dialect: any AnswerDialect) -> Response {
        var response = AnswerHeaders.refusal(
            AnswerError(.methodNotAllowed, "Method Not Allowed: use POST."), dialect)
        response.headers[.allow] = "POST"
        return response
    }
}
