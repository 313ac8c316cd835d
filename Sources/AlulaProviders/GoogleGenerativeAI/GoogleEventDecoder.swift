import AlulaAuth
import AlulaInference
import AlulaJSON

/// Reads answers of `google-generative-ai`, whole or in events, each of which looks like a short whole answer.
///
/// The API has no mark of the end, and some models give a reason for it with every event, so the end is said when nothing more
/// comes. Parts of kinds that are not known here are skipped.
///
/// - SeeAlso: Gemini API reference, "GenerateContentResponse".
struct GoogleEventDecoder: AnswerDecoding {
    private var hasStarted = false
    private var hasSaid = false
    private var callCount = 0
    private var answerID = ""
    private var finish: FinishReason?
    private var usage: TokenUsage?
    /// A proof of thoughts that waits for the part that they led to.
    private var proof: String?

    var isFinished: Bool { finish != nil }

    mutating func take(
        _ event: EventStreamDecoder.Event
    ) throws(AttemptFailure) -> (events: [InferenceEvent], isLast: Bool) {
        // Servers that translate to this dialect end their streams as others do.
        if event.data == Array("[DONE]".utf8) { return (try end(), true) }
        return (try decode(Self.parse(event.data)), false)
    }

    mutating func take(whole bytes: [UInt8]) throws(AttemptFailure) -> [InferenceEvent] {
        let value = try Self.parse(bytes)
        // Without `alt=sse` a stream is an array of its events.
        guard let list = value.array else { return try decode(value) + end() }
        if list.isEmpty { throw Self.malformed }
        var events: [InferenceEvent] = []
        for value in list { events += try decode(value) }
        return try events + end()
    }

    mutating func end() throws(AttemptFailure) -> [InferenceEvent] {
        guard let finish else { return [] }
        var events = takeProof()
        if let usage { events.append(.usage(usage)) }
        return events + [.finished(finish == .stop && callCount > 0 ? .toolCalls : finish)]
    }

    /// Reads one event of a stream, or a whole answer.
    ///
    /// - Throws: ``AttemptFailure`` for an error in place of an event, and for what is none.
    mutating func decode(_ value: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        guard let object = value.object else { throw Self.malformed }
        if let error = object["error"], !error.isNull { throw AttemptFailure(ErrorBody.report(error, status: nil)) }
        let candidates = object["candidates"]?.array
        let blocked = object["promptFeedback"]?["blockReason"]?.string
        if let counted = Self.usage(object["usageMetadata"]) {
            usage = counted
        } else if candidates == nil, blocked == nil {
            throw Self.malformed
        }
        var events: [InferenceEvent] = []
        if !hasStarted {
            hasStarted = true
            answerID = object["responseId"]?.string ?? ""
            let id = answerID.isEmpty ? nil : answerID
            events.append(.started(AnswerHead(id: id, model: object["modelVersion"]?.string)))
        }
        // Other candidates than the first were not asked for.
        if let candidate = candidates?.first(where: { ($0["index"]?.integer ?? 0) == 0 }) {
            for part in candidate["content"]?["parts"]?.array ?? [] { events += try pieces(of: part) }
            if let reason = candidate["finishReason"]?.string, reason != "FINISH_REASON_UNSPECIFIED" {
                finish = try finish(reason, candidate["finishMessage"]?.string)
            }
        } else if let blocked {
            finish = .contentFilter
            let words = object["promptFeedback"]?["blockReasonMessage"]?.string
            events.append(.refusal(words ?? "The provider's rules forbid an answer to this prompt (\(blocked))."))
        }
        return events
    }

    // MARK: Parts

    private mutating func pieces(of part: JSONValue) throws(AttemptFailure) -> [InferenceEvent] {
        // The last proof counts when several come for one part: they can't be told apart behind it.
        if let signature = part["thoughtSignature"]?.string, !signature.isEmpty { proof = signature }
        if let call = part["functionCall"] {
            guard let name = call["name"]?.string, !name.isEmpty else { throw Self.malformed }
            return takeProof() + pieces(of: call, name)
        }
        guard let text = part["text"]?.string, !text.isEmpty else { return [] }
        if part["thought"]?.bool == true { return [.reasoning(text)] }
        hasSaid = true
        return takeProof() + [.text(text)]
    }

    private mutating func pieces(of call: JSONValue, _ name: String) -> [InferenceEvent] {
        hasSaid = true
        let place = callCount
        callCount += 1
        let arguments = call["args"]?.object.map { JSONValue.object($0) } ?? [:]
        let text = String(decoding: arguments.serialized(.compact), as: UTF8.self)
        var id = call["id"]?.string ?? ""
        if id.isEmpty { id = CallIdentity.make(answer: answerID, place: place, name: name, arguments: text) }
        return [.toolCallStarted(index: place, id: id, name: name), .toolCallArguments(index: place, text)]
    }

    private mutating func takeProof() -> [InferenceEvent] {
        defer { proof = nil }
        return proof.map { [.reasoningSignature(ThoughtProof.named($0))] } ?? []
    }

    // MARK: Words

    /// - Throws: ``AttemptFailure`` when the model failed and has said nothing, so that another one may answer.
    private func finish(_ reason: String, _ message: String?) throws(AttemptFailure) -> FinishReason {
        switch reason {
        case "STOP": return .stop
        case "MAX_TOKENS": return .length
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
            return .contentFilter
        case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "OTHER":
            if hasSaid { return .unknown(reason) }
            let words = message.flatMap { $0.isEmpty ? nil : ": \($0.prefix(500))" } ?? "."
            throw AttemptFailure(
                judgement: .failure(.emptyResponse), message: "The model ended without an answer (\(reason))\(words)")
        default: return .unknown(reason)
        }
    }

    /// Thoughts are not among the tokens of the candidates.
    private static func usage(_ value: JSONValue?) -> TokenUsage? {
        guard let value, value.object != nil else { return nil }
        func count(_ key: String) -> Int { max(0, Int(clamping: value[key]?.integer ?? 0)) }
        let thoughts = count("thoughtsTokenCount")
        return TokenUsage(
            input: count("promptTokenCount") &+ count("toolUsePromptTokenCount"),
            output: count("candidatesTokenCount") &+ thoughts, cacheRead: count("cachedContentTokenCount"),
            reasoning: thoughts)
    }

    private static func parse(_ bytes: [UInt8]) throws(AttemptFailure) -> JSONValue {
        // Where the text is wrong helps nobody here: the provider has sent something else than an answer.
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { throw malformed }
    }

    static let malformed = AttemptFailure(
        FailureReport(message: "The provider answered with something that is no generated content."))
}
