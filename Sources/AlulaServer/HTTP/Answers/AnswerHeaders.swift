import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// What heads of answers by models say.
enum AnswerHeaders {
    static let buffering = HTTPField.Name("X-Accel-Buffering") ?? .server
    private static let provider = HTTPField.Name("x-alula-provider") ?? .server
    private static let model = HTTPField.Name("x-alula-model") ?? .server
    private static let attempts = HTTPField.Name("x-alula-attempts") ?? .server
    private static let retryAfterMilliseconds = HTTPField.Name("retry-after-ms") ?? .server
    /// Fields of an answer, those that others add included. Its head is there for as long as its stream is open.
    private static let count = 12

    /// Who answers, and how many calls it took.
    static func fields(of begun: BegunAnswer, _ dialect: any AnswerDialect, _ labels: AnswerLabels) -> HTTPFields {
        fields(begun.model, after: begun.attempts, dialect, labels)
    }

    static func fields(
        _ answering: ModelReference, after attempts: Int, _ dialect: any AnswerDialect, _ labels: AnswerLabels
    ) -> HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(Self.count)
        fields[.cacheControl] = "no-store"
        name(labels, dialect, in: &fields)
        fields[provider] = visible(answering.provider.rawValue)
        fields[model] = visible(answering.description)
        fields[Self.attempts] = "\(attempts)"
        return fields
    }

    /// An error in the caller's dialect.
    ///
    /// - Parameter labels: `nil` for a request that nobody has taken up.
    static func refusal(
        _ error: AnswerError, _ dialect: any AnswerDialect, _ labels: AnswerLabels? = nil, closing: Bool = false
    ) -> Response {
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if let labels { name(labels, dialect, in: &headers) }
        if let retryAfter = error.retryAfter {
            // Whole seconds for everybody, and the exact time for those who look for it.
            headers[.retryAfter] = "\(max(1, (retryAfter.milliseconds + 999) / 1000))"
            headers[retryAfterMilliseconds] = "\(max(1, retryAfter.milliseconds))"
        }
        if closing { headers[.connection] = "close" }
        return Response(
            status: HTTPResponse.Status(code: dialect.status(of: error)), headers: headers,
            body: ResponseBody(
                byteBuffer: ByteBuffer(bytes: dialect.payload(of: error, labels).serialized(.compact))))
    }

    private static func name(_ labels: AnswerLabels, _ dialect: any AnswerDialect, in fields: inout HTTPFields) {
        guard let header = dialect.idHeader.flatMap({ HTTPField.Name($0) }) else { return }
        fields[header] = dialect.name(of: labels)
    }

    /// What a header may hold of a name that may hold anything.
    private static func visible(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(256).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}
