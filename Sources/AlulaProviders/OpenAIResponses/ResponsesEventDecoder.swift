import AlulaInference
import AlulaJSON

/// Reads answers of `openai-responses`, whole or in events.
///
/// What events of a stream leave out is taken from the end of its item, and from the end of the answer: some servers send
/// pieces, some items that are done, some the whole alone. Events and items of kinds that are not known here are skipped.
///
/// - SeeAlso: OpenAI API reference, "Streaming events".
struct ResponsesEventDecoder: AnswerDecoding {
    private var hasStarted = false
    private var hasStopped = false
    private var hasFinished = false
    private var items = ResponsesItems()

    var isFinished: Bool { hasFinished }

    mutating func take(
        _ event: EventStreamDecoder.Event
    ) throws(AttemptFailure) -> (events: [InferenceEvent], isLast: Bool) {
        // Servers that have learned it from another dialect end so.
        if event.data == Array("[DONE]".utf8) { return ([], true) }
        let events = try decode(Self.parse(event.data))
        return (events, hasStopped)
    }

    mutating func take(whole bytes: [UInt8]) throws(AttemptFailure) -> [InferenceEvent] {
        let value = try Self.parse(bytes)
        guard let object = value.object else { throw Self.malformed }
        guard object["output"]?.array != nil || object["status"]?.string == "failed" else {
            if let error = object["error"], !error.isNull { throw Self.failure(error) }
            throw Self.malformed
        }
        return try start(value) + end(value, word: nil)
    }

    /// Reads one event of a stream.
    mutating func decode(_ value: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let event = value.object else { throw Self.malformed }
        switch event["type"]?.string {
        case "response.created", "response.in_progress", "response.queued": return start(event["response"] ?? [:])
        case "response.output_item.added": return try items.begin(event["item"] ?? [:], event)
        case "response.output_item.done": return try items.end(event["item"] ?? [:], event)
        case "response.output_text.delta": return items.said(event["delta"], event) { .text($0) }
        case "response.output_text.done": return items.rest(event["text"], event) { .text($0) }
        case "response.refusal.delta": return items.said(event["delta"], event) { .refusal($0) }
        case "response.refusal.done": return items.rest(event["refusal"], event) { .refusal($0) }
        case "response.reasoning_summary_text.delta": return items.thought(event["delta"], event, isSummary: true)
        case "response.reasoning_text.delta": return items.thought(event["delta"], event, isSummary: false)
        case "response.function_call_arguments.delta": return try items.arguments(event["delta"], event, isWhole: false)
        case "response.function_call_arguments.done":
            return try items.arguments(event["arguments"], event, isWhole: true)
        case "response.completed", "response.done": return try end(event["response"] ?? [:], word: "completed")
        case "response.incomplete": return try end(event["response"] ?? [:], word: "incomplete")
        case "response.failed", "response.cancelled":
            throw Self.failure(event["response"]?["error"] ?? event["error"] ?? [:])
        case "error":
            let error = event["error"].flatMap { $0.isNull ? nil : $0 }
            throw Self.failure(error ?? .object(event))
        case nil:
            if let error = event["error"], !error.isNull { throw Self.failure(error) }
            throw Self.malformed
        // Tools that the provider runs, and what later versions add.
        case .some: return []
        }
    }

    // MARK: Beginning and end

    private mutating func start(_ response: JSONValue) -> [InferenceEvent] {
        guard !hasStarted else { return [] }
        hasStarted = true
        return [.started(AnswerHead(id: response["id"]?.string, model: response["model"]?.string))]
    }

    /// - Parameter word: How it ended, if the event says so; else the response does.
    private mutating func end(_ response: JSONValue, word: String?) throws(AttemptFailure) -> [InferenceEvent] {
        let status = response["status"]?.string ?? word
        if status == "failed" || status == "cancelled" { throw Self.failure(response["error"] ?? [:]) }
        var events = start(response)
        for (index, item) in (response["output"]?.array ?? []).enumerated() {
            events += try items.end(item, JSONObject([("output_index", .number(index))]))
        }
        if let usage = Self.usage(response["usage"]) { events.append(.usage(usage)) }
        switch status {
        case "completed": events.append(.finished(items.callCount > 0 ? .toolCalls : .stop))
        case "incomplete": events.append(.finished(Self.reason(response["incomplete_details"]?["reason"]?.string)))
        // An answer that is not at its end.
        default: return events
        }
        hasFinished = true
        hasStopped = true
        return events
    }

    // MARK: Words

    private static func reason(_ reason: String?) -> FinishReason {
        switch reason {
        case "max_output_tokens", "max_tokens", nil: .length
        case "content_filter": .contentFilter
        case .some(let word): .unknown(word)
        }
    }

    private static func usage(_ value: JSONValue?) -> TokenUsage? {
        guard let usage = value?.object else { return nil }
        func count(_ value: JSONValue?) -> Int { max(0, Int(clamping: value?.integer ?? 0)) }
        let details = usage["input_tokens_details"]
        return TokenUsage(
            input: count(usage["input_tokens"]), output: count(usage["output_tokens"]),
            cacheRead: count(details?["cached_tokens"]), cacheWrite: count(details?["cache_write_tokens"]),
            reasoning: count(usage["output_tokens_details"]?["reasoning_tokens"]))
    }

    /// An error in place of an answer, with the status that it would have had.
    private static func failure(_ error: JSONValue) -> AttemptFailure {
        var report = ErrorBody.report(error.isNull ? [:] : error, status: nil)
        report.status = report.status ?? error["code"]?.string.flatMap { statuses[$0] }
        return AttemptFailure(report)
    }

    private static let statuses = [
        "image_content_policy_violation": 400, "insufficient_quota": 402, "invalid_api_key": 401,
        "invalid_base64_image": 400, "invalid_image": 400, "invalid_image_format": 400, "invalid_image_url": 400,
        "invalid_prompt": 400, "model_not_found": 404, "overloaded": 529, "rate_limit_exceeded": 429,
        "server_error": 500, "server_is_overloaded": 529, "slow_down": 529, "unsupported_image_media_type": 400,
        "vector_store_timeout": 504,
    ]

    private static func parse(_ bytes: [UInt8]) throws(AttemptFailure) -> JSONValue {
        // Where the text is wrong helps nobody here: the provider has sent something else than a response.
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { throw malformed }
    }

    static let malformed = AttemptFailure(
        FailureReport(message: "The provider answered with something that is no response."))
}
