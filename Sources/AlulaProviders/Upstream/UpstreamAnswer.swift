import AlulaPrimitives
import NIOHTTP1

/// The beginning of an answer, and the rest as it comes.
struct UpstreamAnswer: Sendable {
    let status: Int
    private let headers: HTTPHeaders
    let body: UpstreamBody

    init(_ head: HTTPResponseHead, _ body: UpstreamBody) {
        status = Int(head.status.code)
        headers = head.headers
        self.body = body
    }

    /// `application/json`, in lower case and without parameters; empty when the provider does not say.
    var mediaType: String {
        String((headers.first(name: "content-type") ?? "").prefix { $0 != ";" }).trimmed().lowercased()
    }

    /// How long the provider wants to be left alone. A date is as far away as the provider's own clock says.
    var retryAfter: Duration? { Self.retryAfter { headers.first(name: $0) } }

    static func retryAfter(_ header: (String) -> String?) -> Duration? {
        if let text = header("retry-after-ms"), let time = Double(text), time >= 0, time < 1e9 {
            return .milliseconds(Int64(time))
        }
        guard let text = header("retry-after") else { return nil }
        if let time = Double(text) { return time >= 0 && time < 1e7 ? .milliseconds(Int64(time * 1000)) : nil }
        guard let end = HTTPDate.parse(text), let sent = header("date").flatMap(HTTPDate.parse),
            (sent..<sent.advanced(by: .seconds(10_000_000))).contains(end)
        else { return nil }
        return end.duration(since: sent)
    }
}
