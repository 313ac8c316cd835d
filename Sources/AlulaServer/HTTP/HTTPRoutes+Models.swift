import AlulaPrimitives
import AlulaProtocol
import HTTPTypes
import Hummingbird

/// The routes on which models are asked. Whatever they answer, errors included, is in the caller's dialect.
extension HTTPRoutes {
    static let chatCompletions: RouterPath = "v1/chat/completions"

    func chat(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let error: AnswerError
        switch standing(of: request, context) {
        case .granted: return try await ChatCompletions(core: core).answer(request, context)
        case .refused:
            error = AnswerError(.unauthorized, "Unauthorized: the gateway's token must come as a Bearer token.")
        case .lockedOut(let time): error = AnswerError(.rateLimited, "Too many failed attempts.", retryAfter: time)
        }
        let isWhole = try await BodyBound(limits: core.settings.http).drop(request, context)
        if !isWhole { BodyBound.closeSoon(context.channel) }
        return AnswerHeaders.refusal(error, closing: !isWhole)
    }

    /// What is no route: another method, another address below `/v1`, a route that is switched off.
    func addModelRefusals(_ router: Router<HTTPContext>) {
        let offersChat = core.settings.models.offersChatCompletions
        for method in [.get, .head] + Self.otherMethods where !offersChat || method != .post {
            router.on(Self.chatCompletions, method: method) { _, _ in
                guard offersChat else {
                    return AnswerHeaders.refusal(
                        AnswerError(
                            .notFound, "gateway.http.endpoints.chatCompletions.enabled is false, so this is not served."
                        ))
                }
                var response = AnswerHeaders.refusal(AnswerError(.methodNotAllowed, "Method Not Allowed: use POST."))
                response.headers[.allow] = "POST"
                return response
            }
        }
        for method in [.get, .head] + Self.otherMethods {
            router.on("v1/**", method: method) { _, _ in
                AnswerHeaders.refusal(AnswerError(.notFound, "This gateway serves no such address."))
            }
        }
    }
}
