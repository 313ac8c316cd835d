import AlulaJSON
import Testing

/// What a client of Anthropic's dialect makes of a stream: it records an issue for everything that is out of order.
struct AnthropicTranscript {
    private(set) var start: JSONValue?
    /// `input` of tools is the text that came, whatever it is.
    private(set) var blocks: [JSONValue] = []
    private(set) var end: JSONValue?
    private(set) var isOver = false

    private var open: JSONObject?

    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix("\n\n"))
        for event in text.split(separator: "\n\n") {
            let lines = event.split(separator: "\n")
            try #require(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let data = try JSONValue.parse(String(lines[1].dropFirst("data: ".count)))
            #expect(data["type"]?.string == String(lines[0].dropFirst("event: ".count)))
            try take(data)
        }
        #expect(isOver)
    }

    private mutating func take(_ data: JSONValue) throws {
        try #require(!isOver)
        switch data["type"]?.string {
        case "message_start":
            try #require(start == nil)
            start = data
        case "content_block_start":
            try #require(start != nil && end == nil && open == nil)
            #expect(data["index"]?.integer == Int64(blocks.count))
            open = data["content_block"]?.object
            if open?["type"] == "tool_use" { open?["input"] = "" }
        case "content_block_delta":
            try #require(open != nil)
            #expect(data["index"]?.integer == Int64(blocks.count))
            let keys = [
                "text_delta": ("text", "text"), "thinking_delta": ("thinking", "thinking"),
                "signature_delta": ("signature", "signature"), "input_json_delta": ("partial_json", "input"),
            ]
            let (source, target) = try #require(keys[data["delta"]?["type"]?.string ?? ""])
            let more = try #require(data["delta"]?[source]?.string)
            #expect(!more.isEmpty)
            let earlier = open?[target]?.string ?? ""
            open?[target] = .string(earlier + more)
        case "content_block_stop":
            #expect(data["index"]?.integer == Int64(blocks.count))
            blocks.append(.object(try #require(open)))
            open = nil
        case "message_delta":
            try #require(start != nil && open == nil && end == nil)
            end = data
        case "message_stop":
            try #require(end != nil)
            isOver = true
        default: Issue.record("an event of no known kind: \(data)")
        }
    }
}
