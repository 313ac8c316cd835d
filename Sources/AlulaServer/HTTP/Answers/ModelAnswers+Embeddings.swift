import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// `POST /v1/embeddings`, which only OpenAI's dialect has.
extension ModelAnswers {
    /// Answers a caller who may ask.
    func embed(_ request: Request, _ context: HTTPContext) async throws -> Response {
        try await respond(to: request, context) { work, labels in
            var read = try await RequestBodyReader(core: core, maximum: maximumBody).read(request, for: work) {
                (value) throws(InferenceError) in try OpenAIEmbeddingsDecoder.decode(value)
            }
            read.caller = caller
            let wanted = read
            let made = try await core.operations.embed(wanted, until: deadline)
            let write: @Sendable () -> ByteBuffer = {
                ByteBuffer(bytes: OpenAIEmbeddingsEncoder.encode(made.answer, to: wanted).serialized(.compact))
            }
            let isSmall = made.answer.approximateBytes <= core.settings.models.maximumInline.bytes
            let body =
                isSmall
                ? WorkRegister.withWork("write vectors", write)
                : try await core.pool.runForCaller("write vectors", write)
            var headers = AnswerHeaders.fields(made.model, after: made.attempts, dialect, labels)
            headers[.contentType] = "application/json; charset=utf-8"
            core.logger.debug(
                "A model makes vectors",
                metadata: [
                    LogKey.request: "\(labels.id)", LogKey.model: "\(made.model)", "attempts": "\(made.attempts)",
                ])
            work.answered(nil)
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        }
    }
}
