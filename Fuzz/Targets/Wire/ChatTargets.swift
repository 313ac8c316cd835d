import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension FuzzTarget {
    /// Bodies of `POST /v1/chat/completions`: read the same each time, bounded, and refused without quoting what they say.
    static let chatRequests = FuzzTarget("chat-requests") { input in
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue.parse(input.bytes.planting(Canary.text)) } catch { return }
        let request: InferenceRequest
        do throws(InferenceError) {
            request = try OpenAIChatRequestDecoder.decode(body)
        } catch {
            try require(
                [.malformedRequest, .unsupportedParameter].contains(error.code), "a request fails as \(error.code)")
            try require(error.message.utf8.count <= 500, "the refusal of a request is endless")
            return try Canary.check(error.message, "the refusal of a request")
        }
        try require(try OpenAIChatRequestDecoder.decode(body) == request, "one request is read as two")
        try require(!request.messages.isEmpty && !request.model.isEmpty, "a request without messages or model is read")
        for key in ["model", "messages", "tools", "stream", "temperature", "user"] {
            try require(request.extras[key] == nil, "a member that was read is kept as unknown too")
        }
    }

    /// Answers as event streams: each event is one line of JSON, and what comes out says what went in.
    static let chatStreams = FuzzTarget("chat-streams", maximumBytes: 1024) { input in
        var input = input
        let wantsUsage = input.byte() % 2 == 1
        let labels = AnswerLabels(
            id: "1", model: input.part().text, createdAt: Timestamp(milliseconds: 1_800_000_000_000))
        var encoder = OpenAIChatStreamEncoder(labels, wantsUsage: wantsUsage)
        var assembler = AnswerAssembler()
        var (bytes, texts): ([UInt8], String) = ([], "")
        var isSound = true
        while let event = event(&input) {
            if case .text(let text) = event { texts += text }
            bytes += encoder.encode(event)
            do throws(InferenceError) { try assembler.take(event) } catch { isSound = false }
        }
        bytes += encoder.end()
        let chunks = try events(of: bytes)
        let deltas = chunks.compactMap { $0["choices"]?.array?.first?["delta"] }
        try require(deltas.first?["role"]?.string == "assistant", "a stream does not begin with its speaker")
        try require(deltas.filter { $0["role"] != nil }.count == 1, "a speaker is named again")
        try require(deltas.compactMap { $0["content"]?.string }.joined() == texts, "a stream says something else")
        let ends = chunks.filter { $0["choices"]?.array?.first?["finish_reason"]?.isNull == false }
        try require(ends.count == 1, "a stream does not end once")
        try require(chunks.allSatisfy { $0["choices"]?.array?.isEmpty == false || wantsUsage }, "usage is told unasked")
        guard isSound, let answer = answer(assembler) else { return }
        try require(answer.text == texts, "an answer that was put together says something else")
        let whole = try JSONValue.parse(OpenAIChatAnswerEncoder.encode(answer, labels).serialized())
        try require(whole["choices"]?.array?.count == 1, "a whole answer has another number of choices")
    }

    static func answer(_ assembler: AnswerAssembler) -> InferenceAnswer? {
        do throws(InferenceError) { return try assembler.answer() } catch { return nil }
    }

    /// The events of a stream up to `[DONE]`, which has to be there once, at the end.
    private static func events(of bytes: [UInt8]) throws -> [JSONValue] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        try require(
            lines.count % 2 == 1 && lines.last?.isEmpty == true, "an event stream does not end with an empty line")
        var events: [JSONValue] = []
        for (index, line) in lines.dropLast().enumerated() {
            if index % 2 == 1 {
                try require(line.isEmpty, "an event has several lines")
                continue
            }
            try require(line.starts(with: "data: ".utf8) && !line.contains(0x0D), "a line of an event stream is none")
            let data = Array(line.dropFirst(6))
            if data == Array("[DONE]".utf8) {
                try require(index == lines.count - 3, "something follows the end")
            } else {
                events.append(try JSONValue.parse(data))
            }
        }
        return events
    }

    /// A piece of an answer; `nil` at the end of the input.
    static func event(_ input: inout FuzzInput) -> InferenceEvent? {
        if input.bytes.isEmpty { return nil }
        let kind = input.byte() % 10
        switch kind {
        case 0: return .started(AnswerHead(id: input.part().text, model: nil))
        case 1, 2: return .text(input.part().text)
        case 3: return .reasoning(input.part().text)
        case 4: return .reasoningSignature(input.part().text)
        case 5: return .refusal(input.part().text)
        case 6: return .toolCallStarted(index: Int(input.byte() % 4), id: input.part().text, name: input.part().text)
        case 7: return .toolCallArguments(index: Int(input.byte() % 4), input.part().text)
        case 8: return .usage(TokenUsage(input: Int(input.byte()), output: Int(input.byte())))
        default: return .finished([.stop, .length, .toolCalls, .unknown(input.part().text)][Int(input.byte() % 4)])
        }
    }
}
