import AlulaInference
import AlulaJSON

/// Reads answers of `openai-completions`, whole or in chunks.
///
/// Servers of this dialect differ in much: what is missing is guessed, what repeats is dropped, and what nobody can make
/// sense of is an error that says so.
struct ChatChunkDecoder: AnswerDecoding {
    /// A tool call that has begun.
    private struct OpenCall: Sendable {
        let place: Int
        let id: String
    }

    private var hasStarted = false
    private var hasFinished = false
    /// By the provider's index.
    private var calls: [Int: OpenCall] = [:]
    private var callCount = 0

    /// Whether the provider has said why the answer ended.
    var isFinished: Bool { hasFinished }

    mutating func take(
        _ event: EventStreamDecoder.Event
    ) throws(AttemptFailure) -> (events: [InferenceEvent], isLast: Bool) {
        if event.data == Array("[DONE]".utf8) { return ([], true) }
        return (try decode(Self.parse(event.data)), false)
    }

    mutating func take(whole bytes: [UInt8]) throws(AttemptFailure) -> [InferenceEvent] {
        try decode(Self.parse(bytes))
    }

    /// Reads one chunk of a stream, or a whole answer.
    ///
    /// - Throws: ``AttemptFailure`` for an error in place of a chunk, and for what is no chunk.
    mutating func decode(_ value: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let object = value.object else { throw Self.malformed }
        if let error = object["error"], !error.isNull { throw AttemptFailure(ErrorBody.report(error, status: nil)) }
        var events: [InferenceEvent] = []
        if !hasStarted {
            hasStarted = true
            events.append(.started(AnswerHead(id: object["id"]?.string, model: object["model"]?.string)))
        }
        let choices = object["choices"]?.array
        let usage = object["usage"].flatMap { Self.usage($0) }
        guard choices != nil || usage != nil else { throw Self.malformed }
        // Other choices than the first were not asked for.
        if let choice = choices?.first(where: { ($0["index"]?.integer ?? 0) == 0 }) {
            events += try pieces(of: choice["delta"] ?? choice["message"] ?? [:])
            if let reason = choice["finish_reason"]?.string, !hasFinished {
                hasFinished = true
                events.append(.finished(Self.finish(reason)))
            }
        }
        if let usage { events.append(.usage(usage)) }
        return events
    }

    private mutating func pieces(of delta: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        var events: [InferenceEvent] = []
        // Vendors have two names for thoughts.
        for key in ["reasoning_content", "reasoning"] {
            if let text = delta[key]?.string, !text.isEmpty {
                events.append(.reasoning(text))
                break
            }
        }
        if let text = delta["content"]?.string, !text.isEmpty { events.append(.text(text)) }
        for part in delta["content"]?.array ?? [] {
            if let text = part["text"]?.string, !text.isEmpty { events.append(.text(text)) }
        }
        if let text = delta["refusal"]?.string, !text.isEmpty { events.append(.refusal(text)) }
        for (offset, call) in (delta["tool_calls"]?.array ?? []).enumerated() {
            events += try pieces(ofCall: call, offset: offset)
        }
        return events
    }

    /// - Parameter offset: Stands in for an index that the provider leaves out.
    private mutating func pieces(
        ofCall call: JSONValue, offset: Int
    ) throws(AttemptFailure) -> [InferenceEvent] {
        let index = call["index"]?.integer.map { Int(clamping: $0) } ?? offset
        let id = call["id"]?.string ?? ""
        let name = call["function"]?["name"]?.string ?? ""
        let arguments = call["function"]?["arguments"].flatMap { Self.text(of: $0) } ?? ""
        var events: [InferenceEvent] = []
        // Some servers give every call the same index; another id is another call. Others repeat id and name.
        let isOther = calls[index].map { !id.isEmpty && $0.id != id && !name.isEmpty } ?? true
        if isOther {
            guard !name.isEmpty else { throw Self.malformed }
            let own = id.isEmpty ? "call_\(callCount)" : id
            calls[index] = OpenCall(place: callCount, id: own)
            events.append(.toolCallStarted(index: callCount, id: own, name: name))
            callCount += 1
        }
        if !arguments.isEmpty, let open = calls[index] {
            events.append(.toolCallArguments(index: open.place, arguments))
        }
        return events
    }

    /// Arguments, which some servers send as the object itself.
    private static func text(of arguments: JSONValue) -> String? {
        if let text = arguments.string { return text }
        return arguments.object == nil ? nil : String(decoding: arguments.serialized(.compact), as: UTF8.self)
    }

    private static func usage(_ value: JSONValue) -> TokenUsage? {
        guard value.object != nil else { return nil }
        func count(_ value: JSONValue?) -> Int { max(0, Int(clamping: value?.integer ?? 0)) }
        return TokenUsage(
            input: count(value["prompt_tokens"]), output: count(value["completion_tokens"]),
            cacheRead: count(value["prompt_tokens_details"]?["cached_tokens"]),
            reasoning: count(value["completion_tokens_details"]?["reasoning_tokens"]))
    }

    private static func finish(_ reason: String) -> FinishReason {
        switch reason {
        case "stop", "eos", "end_turn": .stop
        case "length", "max_tokens": .length
        case "tool_calls", "function_call": .toolCalls
        case "content_filter": .contentFilter
        default: .unknown(reason)
        }
    }

    /// Reads a chunk's text.
    private static func parse(_ bytes: [UInt8]) throws(AttemptFailure) -> JSONValue {
        // Where the text is wrong helps nobody here: the provider has sent something else than a completion.
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { throw malformed }
    }

    static let malformed = AttemptFailure(
        FailureReport(message: "The provider answered with something that is no chat completion."))
}
