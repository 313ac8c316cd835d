import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Sends the few members of a question about tokens, and reads the small answer.
struct TokenPost {
    /// Answers are small; a larger one is none.
    private static let maximumAnswer = ByteCount.kibibytes(64)

    struct Answer {
        var status: Int
        var bytes: [UInt8]
        var retryAfter: Duration?
    }

    let client: UpstreamClient

    /// - Throws: ``RenewalFailure``, `CancellationError`.
    func send(
        _ members: [(String, String)], as format: TokenEndpointEntry.Format, to url: String, until deadline: Deadline
    ) async throws -> Answer {
        let (type, body) = Self.written(members, as: format)
        do {
            let answer = try await client.send(
                url,
                headers: [
                    (name: "content-type", value: type), (name: "accept", value: "application/json"),
                    (name: "user-agent", value: "alula"),
                ], body: body, until: deadline)
            let bytes = try await answer.body.rest(upTo: Self.maximumAnswer)
            return Answer(status: answer.status, bytes: bytes, retryAfter: answer.retryAfter)
        } catch let failure as AttemptFailure {
            // Our own words about the connection, as a part of a sentence.
            let text = failure.message.hasSuffix(".") ? String(failure.message.dropLast()) : failure.message
            throw RenewalFailure(.unreachable, text.prefix(1).lowercased() + text.dropFirst())
        }
    }

    /// The body with its media type.
    static func written(
        _ members: [(String, String)], as format: TokenEndpointEntry.Format
    ) -> (type: String, bytes: [UInt8]) {
        switch format {
        case .form:
            let pairs = members.map { "\($0.0)=\(PercentEncoding.encoded($0.1))" }
            return ("application/x-www-form-urlencoded", Array(pairs.joined(separator: "&").utf8))
        case .json:
            let object = JSONObject(members.map { ($0.0, JSONValue.string($0.1)) })
            return ("application/json", JSONValue.object(object).serialized(.compact))
        }
    }
}
