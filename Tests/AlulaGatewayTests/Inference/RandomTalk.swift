import AlulaInference
import AlulaJSON

/// Makes up requests and answers, the same ones for the same seed.
struct RandomTalk {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    // MARK: Requests

    /// A request in `dialect` that it and `other` have words for, or every dialect with more words.
    mutating func request(_ dialect: Dialect, _ other: Dialect? = nil) -> InferenceRequest {
        var request = InferenceRequest(model: "lab/small", messages: messages(), dialect: dialect)
        request.tools = list(0...3) { talk, index in
            ToolDefinition(
                name: "tool_\(index)", description: talk.chance(2) ? talk.text() : nil,
                parameters: talk.schema(), isStrict: talk.chance(4) ? true : nil)
        }
        if !request.tools.isEmpty {
            let choices: [ToolChoice?] = [nil, .automatic, ToolChoice.none, .required, .tool("tool_0")]
            request.toolChoice = choices[number(0...4)]
            if request.toolChoice != ToolChoice.none, request.toolChoice != nil, chance(2) {
                request.allowsParallelToolCalls = chance(2)
            }
        }
        request.sampling = SamplingOptions(
            temperature: chance(2) ? Double(number(0...10)) / 10 : nil, topP: chance(3) ? 0.25 : nil,
            topK: chance(3) ? number(1...40) : nil, stopSequences: list(0...2) { talk, _ in talk.text() },
            maximumOutputTokens: number(1...9999))
        if [dialect, other].contains(.openAIResponses) {
            request.sampling.topK = nil
            request.sampling.stopSequences = []
        }
        if chance(3) {
            request.format = .jsonSchema(ResponseFormat.Schema(name: "answer", schema: schema(), isStrict: true))
        }
        request.user = chance(3) ? text() : nil
        request.isStreamed = chance(2)
        return request
    }

    private mutating func messages() -> [Message] {
        var messages: [Message] = []
        if chance(2) { messages.append(Message(.system, text())) }
        for turn in 0...number(0...4) {
            messages.append(Message(.user, list(1...3) { talk, _ in talk.said() }))
            if chance(2) { continue }
            var parts: [Message.Part] = chance(3) ? [] : [.text(text())]
            let calls = list(parts.isEmpty ? 1...2 : 0...2) { talk, index in
                Message.ToolCall(id: "call_\(turn)_\(index)", name: "tool_\(index)", arguments: talk.object())
            }
            parts += calls.map { .toolCall($0) }
            messages.append(Message(.assistant, parts))
            for call in calls {
                messages.append(
                    Message(.tool, [.toolResult(Message.ToolResult(callID: call.id, parts: [.text(text())]))]))
            }
        }
        return messages
    }

    private mutating func said() -> Message.Part {
        switch number(0...5) {
        case 0: .image(Message.Media(.base64("AAAA"), mediaType: "image/png"))
        case 1: .image(Message.Media(.url("https://a.example/b.png")))
        case 2: .file(Message.Media(.base64("BBBB"), mediaType: "application/pdf", name: "a.pdf"))
        default: .text(text())
        }
    }

    // MARK: Answers

    /// An answer that `dialect` has words for.
    mutating func answer(_ dialect: Dialect) -> InferenceAnswer {
        let isAnthropic = dialect == .anthropicMessages
        var parts: [Message.Part] = []
        if chance(2) {
            let thought = Message.Reasoning(text: text(), signature: isAnthropic ? "sig\(number(0...99))" : nil)
            parts.append(.reasoning(thought))
        }
        if isAnthropic, chance(4) { parts.append(.reasoning(Message.Reasoning(encrypted: text()))) }
        if chance(4) == false { parts.append(.text(text())) }
        parts += list(0...3) { talk, index in
            .toolCall(Message.ToolCall(id: "call_\(index)", name: "tool_\(index)", arguments: talk.object()))
        }
        var ends: [FinishReason] = [.stop, .length, .toolCalls]
        ends += isAnthropic ? [.stopSequence("S"), .refusal, .paused] : [.contentFilter]
        let cached = number(0...50)
        let usage = TokenUsage(
            input: cached * 2 + number(0...50), output: number(10...500), cacheRead: cached,
            cacheWrite: dialect != .openAIChat ? number(0...cached) : 0, reasoning: number(0...10))
        var end = ends[number(0...ends.count - 1)]
        // Here the calls themselves say that they are wanted.
        if dialect == .openAIResponses, end == .stop || end == .toolCalls {
            end = parts.contains { $0.toolCall != nil } ? .toolCalls : .stop
        }
        return InferenceAnswer(parts: parts, finish: end, usage: usage)
    }

    /// The answer's pieces, cut anywhere, as a provider may send them.
    mutating func pieces(of answer: InferenceAnswer) -> [InferenceEvent] {
        answer.events.flatMap { event -> [InferenceEvent] in
            switch event {
            case .text(let text): cut(text).map { .text($0) }
            case .reasoning(let text): cut(text).map { .reasoning($0) }
            case .toolCallArguments(let index, let text): cut(text).map { .toolCallArguments(index: index, $0) }
            default: [event]
            }
        }
    }

    private mutating func cut(_ text: String) -> [String] {
        var (pieces, rest) = ([String](), text[...])
        while !rest.isEmpty {
            let piece = rest.prefix(number(1...5))
            pieces.append(String(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    // MARK: Values

    /// A JSON object, written as encoders here write one.
    private mutating func object() -> String {
        let value = JSONValue.object(
            JSONObject(list(0...3) { talk, index in ("k\(index)", talk.value(depth: 0)) }))
        return String(decoding: value.serialized(.compact), as: UTF8.self)
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch number(0...(depth > 2 ? 3 : 5)) {
        case 0: .string(text())
        case 1: .number(number(-9...9))
        case 2: .bool(chance(2))
        case 3: .null
        case 4: .array(list(0...2) { talk, _ in talk.value(depth: depth + 1) })
        default: .object(JSONObject(list(0...2) { talk, index in ("m\(index)", talk.value(depth: depth + 1)) }))
        }
    }

    private mutating func schema() -> JSONValue {
        ["type": "object", "properties": ["p": ["type": "string", "description": .string(text())]]]
    }

    /// Words with everything in them that has to be escaped somewhere; never empty.
    private mutating func text() -> String {
        let words = [
            "Hello", " there", "\n\n", "\"quoted\"", "\\", "Grüße", "世界", "🦅", "\u{2028}", "\u{1}", "data: [DONE]",
            "\r\n", "{\"a\":", "}", "event: x", "'", "\t", "a\u{301}",
        ]
        return list(1...5) { talk, _ in words[talk.number(0...words.count - 1)] }.joined()
    }

    private mutating func list<Element>(
        _ count: ClosedRange<Int>, _ make: (inout RandomTalk, Int) -> Element
    ) -> [Element] {
        (0..<number(count)).map { make(&self, $0) }
    }

    /// Whether a one in so many chance comes true.
    private mutating func chance(_ inverse: Int) -> Bool { number(1...inverse) == 1 }

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return range.lowerBound + Int(mixed % UInt64(range.count))
    }
}
