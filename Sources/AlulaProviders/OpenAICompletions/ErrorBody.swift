import AlulaInference
import AlulaJSON

/// What providers say about an error, in the several shapes of OpenAI's dialect.
enum ErrorBody {
    /// The longest message that is kept, in characters.
    private static let maximumMessage = 1000

    /// Reads the body of an answer with a status that says failure.
    static func report(_ bytes: [UInt8], status: Int, retryAfter: Duration?) -> FailureReport {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes)
        } catch {
            return FailureReport(status: status, message: plain(bytes, status), retryAfter: retryAfter)
        }
        // `{error: {…}}`, `{error: "…"}`, `[{error: …}]`, or the error's own members at the top.
        let first = value.array?.first ?? value
        let error = first["error"].flatMap { $0.isNull ? nil : $0 } ?? first
        var report = report(error, status: status)
        report.retryAfter = retryAfter ?? report.retryAfter
        return report
    }

    /// Reads an error by itself.
    static func report(_ error: JSONValue, status: Int?) -> FailureReport {
        let message = error.string ?? error["message"]?.string ?? error["detail"]?.string ?? ""
        let code = error["code"]?.string ?? error["type"]?.string ?? error["status"]?.string
        // A 200 may carry the status that it should have had.
        let inner = (error["code"]?.integer ?? error["status"]?.integer).flatMap { Int(exactly: $0) }
        return FailureReport(
            status: status ?? inner.flatMap { (400...599).contains($0) ? $0 : nil }, code: code,
            message: message.isEmpty ? "The provider gave no reason." : String(message.prefix(maximumMessage)),
            retryAfter: retryDelay(error["details"]))
    }

    /// How long Google wants to be left alone: `{"@type": "….RetryInfo", "retryDelay": "34.07s"}` among the details.
    private static func retryDelay(_ details: JSONValue?) -> Duration? {
        for detail in details?.array ?? [] {
            guard let text = detail["retryDelay"]?.string, text.hasSuffix("s"), let time = Double(text.dropLast()),
                time >= 0, time < 1e7
            else { continue }
            return .milliseconds(Int64(time * 1000))
        }
        return nil
    }

    /// What stands in for a page that is meant for a browser, or for nothing.
    private static func plain(_ bytes: [UInt8], _ status: Int) -> String {
        let text = String(decoding: bytes.prefix(4096), as: UTF8.self)
        let start = text.drop { $0.isWhitespace }.prefix(15).lowercased()
        if start.hasPrefix("<") { return "The provider answered with a page and not with JSON (status \(status))." }
        return start.isEmpty
            ? "The provider answered with status \(status) and nothing else." : String(text.prefix(maximumMessage))
    }
}
