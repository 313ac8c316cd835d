import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension FuzzTarget {
    /// Bodies of `POST /v1/messages`: read the same each time, bounded, and refused without quoting what they say.
    static let messageRequests = FuzzTarget("message-requests") { input in
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue.parse(input.bytes.planting(Canary.text)) } catch { return }
        let request: InferenceRequest
        do throws(InferenceError) {
            request = try AnthropicRequestDecoder.decode(body)
        } catch {
            try require(
                [.malformedRequest, .unsupportedParameter].contains(error.code), "a request fails as \(error.code)")
            try require(error.message.utf8.count <= 500, "the refusal of a request is endless")
            return try Canary.check(error.message, "the refusal of a request")
        }
        try require(try AnthropicRequestDecoder.decode(body) == request, "one request is read as two")
        try require(try AnthropicRequestDecoder.decode(body, isCounted: true) == request, "a count is of another one")
        try require(!request.messages.isEmpty && !request.model.isEmpty, "a request without messages or model is read")
        for key in ["model", "messages", "system", "tools", "stream", "temperature", "max_tokens"] {
            try require(request.extras[key] == nil, "a member that was read is kept as unknown too")
        }
        for message in request.messages {
            let results = message.parts.filter { if case .toolResult = $0 { true } else { false } }
            try require(results.isEmpty || message.role == .tool, "a result of a tool is somebody else's")
        }
        try require(TokenEstimate.tokens(of: request) >= 0, "a request has less than no tokens")
    }

    /// Answers as event streams: blocks one after the other, each begun and ended once, and what comes out says what went in.
    static let messageStreams = FuzzTarget("message-streams", maximumBytes: 1024) { input in
        var input = input
        let labels = AnswerLabels(
            id: "1", model: input.part().text, createdAt: Timestamp(milliseconds: 1_800_000_000_000))
        var encoder = AnthropicStreamEncoder(labels)
        var assembler = AnswerAssembler()
        var bytes: [UInt8] = []
        var (texts, thoughts, names): (String, String, [String]) = ("", "", [])
        var isSound = true
        while let event = event(&input) {
            switch event {
            case .text(let text), .refusal(let text): texts += text
            case .reasoning(let text): thoughts += text
            case .toolCallStarted(_, _, let name): names.append(name)
            default: break
            }
            bytes += encoder.encode(event)
            do throws(InferenceError) { try assembler.take(event) } catch { isSound = false }
        }
        bytes += encoder.end()
        let blocks = try blocks(of: bytes)
        func said(_ type: String, _ key: String) -> String {
            blocks.filter { $0["type"]?.string == type }.compactMap { $0[key]?.string }.joined()
        }
        try require(said("text", "text") == texts, "a stream says something else")
        try require(said("thinking", "thinking") == thoughts, "a stream thinks something else")
        let calls = blocks.filter { $0["type"] == "tool_use" }
        try require(calls.compactMap { $0["name"]?.string } == names, "a stream calls other tools")
        guard isSound, let answer = answer(assembler) else { return }
        for (call, block) in zip(answer.toolCalls, calls) {
            // What follows the end of an object that others came after is left out, and nothing else.
            try require(call.arguments.hasPrefix(block["input"]?.string ?? ""), "a call has other arguments")
        }
        let whole: JSONValue
        do throws(InferenceError) {
            whole = try AnthropicAnswerEncoder.encode(answer, labels)
        } catch {
            return try require(error.code == .malformedStream, "a whole answer fails as \(error.code)")
        }
        try require(try JSONValue.parse(whole.serialized()) == whole, "a whole answer is written as another one")
    }

    /// The blocks of a stream, put together as clients do.
    private static func blocks(of bytes: [UInt8]) throws -> [JSONObject] {
        var (blocks, open): ([JSONObject], JSONObject?) = ([], nil)
        var hasBegun = false
        var (ends, stops) = (0, 0)
        for data in try events(named: bytes) {
            try require(stops == 0, "something follows the end")
            switch data["type"]?.string {
            case "message_start":
                try require(!hasBegun, "a stream begins twice")
                hasBegun = true
            case "content_block_start":
                try require(hasBegun && open == nil && ends == 0, "a block begins out of order")
                try require(data["index"]?.integer == Int64(blocks.count), "a block has another index")
                open = data["content_block"]?.object
                if open?["type"] == "tool_use" { open?["input"] = "" }
            case "content_block_delta":
                try require(data["index"]?.integer == Int64(blocks.count), "a piece belongs to another block")
                guard let delta = data["delta"], var block = open else {
                    throw BrokenProperty(description: "a piece belongs to no block")
                }
                for (key, target) in [
                    ("text", "text"), ("thinking", "thinking"), ("signature", "signature"), ("partial_json", "input"),
                ] {
                    guard let text = delta[key]?.string else { continue }
                    block[target] = .string((block[target]?.string ?? "") + text)
                }
                open = block
            case "content_block_stop":
                try require(data["index"]?.integer == Int64(blocks.count), "another block ends")
                guard let block = open else { throw BrokenProperty(description: "a block ends that never began") }
                blocks.append(block)
                open = nil
            case "message_delta":
                try require(hasBegun && open == nil, "an answer ends inside of a block")
                ends += 1
            case "message_stop": stops += 1
            default: throw BrokenProperty(description: "an event of no known kind")
            }
        }
        try require(ends == 1 && stops == 1, "a stream does not end once")
        return blocks
    }

    /// The data of events whose names it repeats.
    static func events(named bytes: [UInt8]) throws -> [JSONValue] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        try require(
            lines.count % 3 == 1 && lines.last?.isEmpty == true, "an event stream does not end with an empty line")
        var events: [JSONValue] = []
        for index in stride(from: 0, to: lines.count - 1, by: 3) {
            let (name, data) = (lines[index], lines[index + 1])
            try require(name.starts(with: "event: ".utf8) && data.starts(with: "data: ".utf8), "an event is none")
            try require(lines[index + 2].isEmpty && !data.contains(0x0D), "an event has several lines")
            let value = try JSONValue.parse(Array(data.dropFirst(6)))
            try require(value["type"]?.string == Array(name.dropFirst(7)).text, "an event has another name")
            events.append(value)
        }
        return events
    }
}
