import AlulaInference
import AlulaJSON

/// Reads answers of `anthropic-messages`, whole or in events.
///
/// Events and blocks of kinds that are not known here are skipped, as the API's rules for new versions want it.
///
/// - SeeAlso: Anthropic API reference, "Streaming messages".
struct MessagesEventDecoder: AnswerDecoding {
    /// A block that has begun.
    private enum Block: Sendable {
        case text
        case thinking
        /// A call with this place among all calls. `input` is what came with its beginning, and counts unless pieces follow.
        case call(place: Int, input: String)
        case skipped
    }

    private var hasStarted = false
    private var hasStopped = false
    private var hasSaid = false
    private var finish: FinishReason?
    /// By the provider's index.
    private var blocks: [Int: Block] = [:]
    private var latest = 0
    private var callCount = 0
    private var usage = MessagesUsage()

    var isFinished: Bool { hasStopped }

    mutating func take(
        _ event: EventStreamDecoder.Event
    ) throws(AttemptFailure) -> (events: [InferenceEvent], isLast: Bool) {
        let events = try decode(Self.parse(event.data))
        return (events, hasStopped)
    }

    mutating func take(whole bytes: [UInt8]) throws(AttemptFailure) -> [InferenceEvent] {
        try decode(whole: Self.parse(bytes))
    }

    /// Reads one event of a stream.
    mutating func decode(_ value: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let object = value.object else { throw Self.malformed }
        switch object["type"]?.string {
        case "message_start": return start(object["message"] ?? [:])
        case "content_block_start": return try begin(object["content_block"] ?? [:], at: index(object))
        case "content_block_delta": return try more(object["delta"] ?? [:], at: index(object))
        case "content_block_stop": return close(index(object))
        case "message_delta": return end(object["delta"] ?? [:], usage: object["usage"])
        case "message_stop":
            hasStopped = true
            if finish != nil { return [] }
            let reason: FinishReason = callCount > 0 ? .toolCalls : .stop
            finish = reason
            return [.finished(reason)]
        case "error": throw Self.failure(object["error"] ?? value)
        case nil:
            if let error = object["error"], !error.isNull { throw Self.failure(error) }
            throw Self.malformed
        // Pings, and what later versions add.
        case .some: return []
        }
    }

    /// Reads an answer in one piece.
    mutating func decode(whole value: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let object = value.object else { throw Self.malformed }
        if let error = object["error"], !error.isNull { throw Self.failure(error) }
        guard let content = object["content"]?.array else { throw Self.malformed }
        var events = start(value)
        for (index, block) in content.enumerated() {
            events += try begin(block, at: index)
            events += close(index)
        }
        events += end(value, usage: nil)
        hasStopped = finish != nil
        return events
    }

    // MARK: Events

    private mutating func start(_ message: JSONValue) -> [InferenceEvent] {
        guard !hasStarted else { return [] }
        hasStarted = true
        var events: [InferenceEvent] = [
            .started(AnswerHead(id: message["id"]?.string, model: message["model"]?.string))
        ]
        if let tokens = usage.take(message["usage"]) { events.append(.usage(tokens)) }
        return events
    }

    /// Some servers leave the index out: then the block is the one that began last.
    private func index(_ event: JSONObject) -> Int {
        event["index"]?.integer.map { Int(clamping: $0) } ?? latest
    }

    private mutating func begin(_ block: JSONValue, at index: Int) throws(AttemptFailure) -> [InferenceEvent] {
        latest = index
        switch block["type"]?.string {
        case "text":
            blocks[index] = .text
            return said(block["text"]?.string) { .text($0) }
        case "thinking":
            blocks[index] = .thinking
            return said(block["thinking"]?.string) { .reasoning($0) }
                + said(block["signature"]?.string) { .reasoningSignature($0) }
        case "redacted_thinking":
            blocks[index] = .skipped
            return said(block["data"]?.string) { .encryptedReasoning($0) }
        case "tool_use":
            guard let name = block["name"]?.string, !name.isEmpty else { throw Self.malformed }
            let id = block["id"]?.string ?? ""
            let input = block["input"]?.object.flatMap { $0.isEmpty ? nil : $0 }
            let text = input.map { String(decoding: JSONValue.object($0).serialized(.compact), as: UTF8.self) }
            blocks[index] = .call(place: callCount, input: text ?? "")
            defer { callCount += 1 }
            hasSaid = true
            return [.toolCallStarted(index: callCount, id: id.isEmpty ? "call_\(callCount)" : id, name: name)]
        default:
            blocks[index] = .skipped
            return []
        }
    }

    private mutating func more(_ delta: JSONValue, at index: Int) throws(AttemptFailure) -> [InferenceEvent] {
        switch delta["type"]?.string {
        case "text_delta": return said(delta["text"]?.string) { .text($0) }
        case "thinking_delta": return said(delta["thinking"]?.string) { .reasoning($0) }
        case "signature_delta": return said(delta["signature"]?.string) { .reasoningSignature($0) }
        case "input_json_delta":
            guard let text = delta["partial_json"]?.string, !text.isEmpty else { return [] }
            switch blocks[index] {
            case .call(let place, _):
                blocks[index] = .call(place: place, input: "")
                return [.toolCallArguments(index: place, text)]
            // The input of a tool that the provider runs itself.
            case .skipped: return []
            case .text, .thinking, nil: throw Self.malformed
            }
        default: return []
        }
    }

    /// The end of a block. What came whole with its beginning is said now.
    private mutating func close(_ index: Int) -> [InferenceEvent] {
        guard case .call(let place, let input) = blocks.removeValue(forKey: index), !input.isEmpty else { return [] }
        return [.toolCallArguments(index: place, input)]
    }

    private mutating func end(_ delta: JSONValue, usage more: JSONValue?) -> [InferenceEvent] {
        // Blocks that nobody has ended end here.
        var events = blocks.keys.sorted().flatMap { close($0) }
        if let reason = delta["stop_reason"]?.string, finish == nil {
            // Why it refuses stands beside the reason; where it has spoken, it has said so itself.
            if reason == "refusal", !hasSaid, let words = delta["stop_details"]?["explanation"]?.string, !words.isEmpty
            {
                events.append(.refusal(words))
            }
            let reason = Self.finish(reason, sequence: delta["stop_sequence"]?.string)
            finish = reason
            events.append(.finished(reason))
        }
        if let tokens = usage.take(more) { events.append(.usage(tokens)) }
        return events
    }

    private mutating func said(_ text: String?, _ event: (String) -> InferenceEvent) -> [InferenceEvent] {
        guard let text, !text.isEmpty else { return [] }
        let event = event(text)
        if case .text = event { hasSaid = true }
        return [event]
    }

    // MARK: Words

    private static func finish(_ reason: String, sequence: String?) -> FinishReason {
        switch reason {
        case "end_turn": .stop
        case "stop_sequence": .stopSequence(sequence)
        case "max_tokens", "model_context_window_exceeded": .length
        case "tool_use": .toolCalls
        case "pause_turn": .paused
        case "refusal": .refusal
        default: .unknown(reason)
        }
    }

    /// An error in place of an answer, with the status that it would have had.
    private static func failure(_ error: JSONValue) -> AttemptFailure {
        var report = ErrorBody.report(error, status: nil)
        report.status = report.status ?? error["type"]?.string.flatMap { statuses[$0] }
        return AttemptFailure(report)
    }

    private static let statuses = [
        "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
        "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
        "timeout_error": 504, "overloaded_error": 529,
    ]

    private static func parse(_ bytes: [UInt8]) throws(AttemptFailure) -> JSONValue {
        // Where the text is wrong helps nobody here: the provider has sent something else than a message.
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { throw malformed }
    }

    static let malformed = AttemptFailure(
        FailureReport(message: "The provider answered with something that is no message."))
}

/// What an answer cost, told in several events, of which each says what has changed.
private struct MessagesUsage: Sendable {
    private var input = 0
    private var cacheRead = 0
    private var cacheWrite = 0
    private var output = 0
    private var reasoning = 0

    /// - Returns: What is known now; `nil` when nothing was told.
    mutating func take(_ usage: JSONValue?) -> TokenUsage? {
        guard let usage = usage?.object else { return nil }
        func count(_ value: JSONValue?, _ earlier: Int) -> Int {
            value?.integer.map { max(0, Int(clamping: $0)) } ?? earlier
        }
        input = count(usage["input_tokens"], input)
        cacheRead = count(usage["cache_read_input_tokens"], cacheRead)
        cacheWrite = count(usage["cache_creation_input_tokens"], cacheWrite)
        output = count(usage["output_tokens"], output)
        reasoning = count(usage["output_tokens_details"]?["thinking_tokens"], reasoning)
        return TokenUsage(
            input: input &+ cacheRead &+ cacheWrite, output: output, cacheRead: cacheRead, cacheWrite: cacheWrite,
            reasoning: reasoning)
    }
}
