import AlulaInference
import AlulaJSON
import AlulaProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// `POST /v1/messages/count_tokens`, which only one dialect has.
extension ModelAnswers {
    private static let estimate = HTTPField.Name("x-alula-estimate") ?? .server

    /// Answers a caller who may ask.
    func countTokens(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let features = features(of: request)
        return try await respond(to: request, context) { work, labels in
            let (read, estimate) = try await RequestBodyReader(core: core, maximum: maximumBody).read(
                request, for: work
            ) {
                (value) throws(InferenceError) in
                let wanted = try AnthropicRequestDecoder.decode(value, isCounted: true)
                return (wanted, TokenEstimate.tokens(of: wanted))
            }
            var wanted = read
            wanted.features = features
            wanted.caller = caller
            let count = try await core.operations.countTokens(of: wanted, estimate: estimate, until: deadline)
            work.answered(nil)
            var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
            headers[Self.estimate] = count.isEstimate ? "true" : "false"
            if let name = dialect.idHeader.flatMap({ HTTPField.Name($0) }) { headers[name] = dialect.name(of: labels) }
            let body: JSONValue = ["input_tokens": .number(count.tokens)]
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.serialized(.compact))))
        }
    }
}
