import AlulaInference
import AlulaJSON

/// Reads answers of `ollama`, whole or line by line, each of which looks like a short whole answer.
///
/// - SeeAlso: Ollama API reference, "Generate a chat completion".
struct OllamaLineDecoder: AnswerDecoding {
    typealias Cutter = LineStreamDecoder

    private var hasStarted = false
    private var hasFinished = false
    private var callCount = 0
    private var answerTime = ""

    var isFinished: Bool { hasFinished }

    mutating func take(
        _ event: EventStreamDecoder.Event
    ) throws(AttemptFailure) -> (events: [InferenceEvent], isLast: Bool) {
        let events = try decode(Self.parse(event.data))
        return (events, hasFinished)
    }

    mutating func take(whole bytes: [UInt8]) throws(AttemptFailure) -> [InferenceEvent] {
        try decode(Self.parse(bytes))
    }

    /// Reads one line of a stream, or a whole answer.
    ///
    /// - Throws: ``AttemptFailure`` for an error in place of a line, and for what is none.
    mutating func decode(_ value: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let object = value.object else { throw Self.malformed }
        if let error = object["error"], !error.isNull { throw Self.failure(error, object) }
        let message = object["message"]
        let isDone = object["done"]?.bool ?? false
        guard message?.object != nil || isDone else { throw Self.malformed }
        var events: [InferenceEvent] = []
        if !hasStarted {
            hasStarted = true
            answerTime = object["created_at"]?.string ?? ""
            events.append(.started(AnswerHead(model: object["model"]?.string)))
        }
        if let text = message?["thinking"]?.string, !text.isEmpty { events.append(.reasoning(text)) }
        if let text = message?["content"]?.string, !text.isEmpty { events.append(.text(text)) }
        for call in message?["tool_calls"]?.array ?? [] { events += try pieces(of: call) }
        if isDone {
            hasFinished = true
            if let usage = Self.usage(object) { events.append(.usage(usage)) }
            events.append(.finished(finish(object["done_reason"]?.string)))
        }
        return events
    }

    /// Calls come whole, each once. Their arguments are an object; some servers write it as a text.
    private mutating func pieces(of call: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let name = call["function"]?["name"]?.string, !name.isEmpty else { throw Self.malformed }
        let place = callCount
        callCount += 1
        var text = call["function"]?["arguments"]?.string ?? ""
        if let arguments = call["function"]?["arguments"]?.object {
            text = String(decoding: JSONValue.object(arguments).serialized(.compact), as: UTF8.self)
        }
        if text.isEmpty { text = "{}" }
        var id = call["id"]?.string ?? ""
        if id.isEmpty { id = CallIdentity.make(answer: answerTime, place: place, name: name, arguments: text) }
        return [.toolCallStarted(index: place, id: id, name: name), .toolCallArguments(index: place, text)]
    }

    // MARK: Words

    private func finish(_ reason: String?) -> FinishReason {
        switch reason {
        case "stop", "", nil: callCount > 0 ? .toolCalls : .stop
        case "length": .length
        case let other?: .unknown(other)
        }
    }

    private static func usage(_ object: JSONObject) -> TokenUsage? {
        let (input, output) = (object["prompt_eval_count"]?.integer, object["eval_count"]?.integer)
        guard input != nil || output != nil else { return nil }
        return TokenUsage(input: max(0, Int(clamping: input ?? 0)), output: max(0, Int(clamping: output ?? 0)))
    }

    /// An error is a text here, with its status beside it where one is known.
    private static func failure(_ error: JSONValue, _ object: JSONObject) -> AttemptFailure {
        var report = ErrorBody.report(error, status: nil)
        let status = (object["status"]?.integer ?? object["status_code"]?.integer).flatMap { Int(exactly: $0) }
        report.status = report.status ?? status.flatMap { (400...599).contains($0) ? $0 : nil }
        return AttemptFailure(report)
    }

    private static func parse(_ bytes: [UInt8]) throws(AttemptFailure) -> JSONValue {
        // Where the text is wrong helps nobody here: the provider has sent something else than an answer.
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { throw malformed }
    }

    static let malformed = AttemptFailure(
        FailureReport(message: "The provider answered with something that is no chat answer."))
}
