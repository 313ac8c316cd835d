import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension FuzzTarget {
    /// Bodies of `POST /v1/responses`: read the same each time, bounded, and refused without quoting what they say.
    static let responseRequests = FuzzTarget("response-requests") { input in
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue.parse(input.bytes.planting(Canary.text)) } catch { return }
        let request: InferenceRequest
        do throws(InferenceError) {
            request = try OpenAIResponsesRequestDecoder.decode(body)
        } catch {
            try require(
                [.malformedRequest, .unsupportedParameter].contains(error.code), "a request fails as \(error.code)")
            try require(error.message.utf8.count <= 500, "the refusal of a request is endless")
            return try Canary.check(error.message, "the refusal of a request")
        }
        try require(try OpenAIResponsesRequestDecoder.decode(body) == request, "one request is read as two")
        try require(!request.messages.isEmpty && !request.model.isEmpty, "a request without messages or model is read")
        for key in [
            "model", "input", "tools", "stream", "temperature", "previous_response_id", "user",
        ] {
            try require(request.extras[key] == nil, "a member that was read is kept as unknown too")
        }
        for message in request.messages {
            let results = message.parts.filter { if case .toolResult = $0 { true } else { false } }
            try require(results.isEmpty || message.role == .tool, "a result of a tool is somebody else's")
        }
        try require(TokenEstimate.tokens(of: request) >= 0, "a request has less than no tokens")
        // An answer to it repeats what it asked, whatever that was.
        let labels = AnswerLabels(id: "1", model: request.model, createdAt: Timestamp(milliseconds: 0))
        let answer = OpenAIResponsesAnswerEncoder.encode(
            InferenceAnswer(parts: [], finish: .stop), to: request, labels)
        try require(try JSONValue.parse(answer.serialized()) == answer, "an answer is written as another one")
    }

    /// Answers as event streams: items begun and done once, and the last event says what came before it.
    static let responseStreams = FuzzTarget("response-streams", maximumBytes: 1024) { input in
        var input = input
        let labels = AnswerLabels(
            id: "1", model: input.part().text, createdAt: Timestamp(milliseconds: 1_800_000_000_000))
        let request = InferenceRequest(model: labels.model, messages: [], dialect: .openAIResponses)
        var encoder = OpenAIResponsesStreamEncoder(labels, answering: request)
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
        let (items, response) = try items(of: bytes + encoder.end())
        try require(response["output"]?.array == items, "the last event says something else")
        try require(said(items, "content", ["text", "refusal"]) == texts, "a stream says something else")
        try require(said(items, "summary", ["text"]) == thoughts, "a stream thinks something else")
        let calls = items.filter { $0["type"] == "function_call" }
        try require(calls.compactMap { $0["name"]?.string } == names, "a stream calls other tools")
        guard isSound, let answer = answer(assembler) else { return }
        try require(
            calls.compactMap { $0["arguments"]?.string } == answer.toolCalls.map(\.arguments),
            "a call has other arguments")
        let whole = OpenAIResponsesAnswerEncoder.encode(answer, to: request, labels)
        try require(whole["status"] == response["status"], "a whole answer ends otherwise")
        try require(
            said(whole["output"]?.array ?? [], "content", ["text", "refusal"]) == texts, "a whole answer differs")
    }

    /// The texts of all parts of all items.
    private static func said(_ items: [JSONValue], _ key: String, _ names: [String]) -> String {
        items.flatMap { $0[key]?.array ?? [] }.flatMap { part in names.compactMap { part[$0]?.string } }.joined()
    }

    /// The items of a stream when they were done, and the response in its last event.
    private static func items(of bytes: [UInt8]) throws -> ([JSONValue], JSONValue) {
        var (names, done): ([String], [Int: JSONValue]) = ([], [:])
        var last: JSONValue?
        for (number, data) in try events(named: bytes).enumerated() {
            try require(last == nil, "something follows the end")
            try require(data["sequence_number"]?.integer == Int64(number), "an event has another number")
            let place = data["output_index"]?.integer.map { Int($0) }
            switch data["type"]?.string {
            case "response.created": try require(number == 0, "a stream begins twice")
            case "response.in_progress": try require(number == 1, "a stream is in progress twice")
            case "response.output_item.added":
                try require(place == names.count, "an item has another index")
                names.append(data["item"]?["id"]?.string ?? "")
            case "response.output_item.done":
                guard let place, let item = data["item"], names.indices.contains(place) else {
                    throw BrokenProperty(description: "an item is done that never began")
                }
                try require(done[place] == nil && item["id"]?.string == names[place], "another item is done")
                done[place] = item
            case "response.completed", "response.incomplete": last = data["response"]
            default:
                guard let place, names.indices.contains(place), done[place] == nil else {
                    throw BrokenProperty(description: "a piece belongs to no item")
                }
                try require(data["item_id"]?.string == names[place], "a piece belongs to another item")
            }
        }
        guard let last, done.count == names.count else { throw BrokenProperty(description: "a stream does not end") }
        return (names.indices.compactMap { done[$0] }, last)
    }
}
