import AlulaJSON
import Testing

/// What a client of the Responses API makes of a stream: it records an issue for everything that is out of order.
struct OpenAIResponsesTranscript {
    /// The items, as they were when they were done.
    private(set) var items: [JSONValue] = []
    /// The last event.
    private(set) var end: JSONValue?
    private(set) var types: [String] = []

    /// An item that has begun.
    private struct Open {
        let id: String
        var isDone = false
        /// What came for each part, or for the arguments.
        var texts: [String] = []
        var openPart = false
    }

    private var opened: [Open] = []
    private var done: [Int: JSONValue] = [:]

    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix("\n\n"))
        for (number, event) in text.split(separator: "\n\n").enumerated() {
            let lines = event.split(separator: "\n")
            try #require(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let data = try JSONValue.parse(String(lines[1].dropFirst("data: ".count)))
            let type = try #require(data["type"]?.string)
            #expect(type == String(lines[0].dropFirst("event: ".count)))
            #expect(data["sequence_number"]?.integer == Int64(number))
            types.append(type)
            try take(data, type)
        }
        #expect(end != nil)
        #expect(types.prefix(2) == ["response.created", "response.in_progress"])
        let areDone = opened.allSatisfy { $0.isDone }
        #expect(areDone)
        items = opened.indices.compactMap { done[$0] }
        #expect(end?["response"]?["output"]?.array == items)
    }

    private mutating func take(_ data: JSONValue, _ type: String) throws {
        try #require(end == nil, "something follows the end")
        switch type {
        case "response.created", "response.in_progress":
            #expect(data["response"]?["status"] == "in_progress")
            #expect(data["response"]?["output"] == [])
        case "response.output_item.added":
            #expect(data["output_index"]?.integer == Int64(opened.count))
            #expect(data["item"]?["status"] == "in_progress")
            opened.append(Open(id: try #require(data["item"]?["id"]?.string)))
        case "response.content_part.added", "response.reasoning_summary_part.added":
            let place = try place(data)
            #expect(!opened[place].openPart)
            #expect(index(data) == opened[place].texts.count)
            opened[place].texts.append("")
            opened[place].openPart = true
        case "response.output_text.delta", "response.refusal.delta", "response.reasoning_summary_text.delta":
            let place = try place(data)
            try #require(opened[place].openPart)
            #expect(index(data) == opened[place].texts.count - 1)
            opened[place].texts[opened[place].texts.count - 1] += try delta(data)
        case "response.output_text.done", "response.refusal.done", "response.reasoning_summary_text.done":
            let place = try place(data)
            let text = (data["text"] ?? data["refusal"])?.string
            #expect(text == opened[place].texts.last)
        case "response.content_part.done", "response.reasoning_summary_part.done":
            let place = try place(data)
            try #require(opened[place].openPart)
            #expect((data["part"]?["text"] ?? data["part"]?["refusal"])?.string == opened[place].texts.last)
            opened[place].openPart = false
        case "response.function_call_arguments.delta":
            let place = try place(data)
            let more = try delta(data)
            opened[place].texts = [(opened[place].texts.first ?? "") + more]
        case "response.function_call_arguments.done":
            let place = try place(data)
            #expect(data["arguments"]?.string == opened[place].texts.first ?? "")
        case "response.output_item.done":
            let place = Int(try #require(data["output_index"]?.integer))
            let item = try #require(data["item"])
            #expect(item["id"]?.string == opened[place].id)
            #expect(!opened[place].isDone && !opened[place].openPart)
            opened[place].isDone = true
            done[place] = item
        case "response.completed", "response.incomplete": end = data
        default: Issue.record("an event of no known kind: \(data)")
        }
    }

    private func delta(_ data: JSONValue) throws -> String {
        let text = try #require(data["delta"]?.string)
        #expect(!text.isEmpty)
        return text
    }

    private func index(_ data: JSONValue) -> Int? {
        (data["content_index"] ?? data["summary_index"])?.integer.map { Int($0) }
    }

    /// The item that an event belongs to, which has begun and is not done.
    private func place(_ data: JSONValue) throws -> Int {
        let place = Int(try #require(data["output_index"]?.integer))
        try #require(opened.indices.contains(place))
        #expect(data["item_id"]?.string == opened[place].id)
        #expect(!opened[place].isDone)
        return place
    }
}
