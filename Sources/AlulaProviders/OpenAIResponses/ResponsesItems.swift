import AlulaInference
import AlulaJSON

/// The items of an answer of `openai-responses` while it is read: what has been said of each, so that nothing is said twice
/// and nothing is lost.
struct ResponsesItems: Sendable {
    private struct Item: Sendable {
        enum Kind: Sendable {
            case message
            case reasoning
            /// With this place among all calls.
            case call(place: Int)
            case skipped
        }

        let kind: Kind
        /// Which parts of a message have been said.
        var parts: Set<Int> = []
        /// Which part of a summary was last said, or that the thoughts themselves were.
        var thought: (isSummary: Bool, part: Int)?
        /// Whether arguments have come.
        var hasArguments = false
        var isDone = false
    }

    /// By their places in the output.
    private var items: [Int: Item] = [:]
    /// Places by the provider's names.
    private var places: [String: Int] = [:]
    private var latest = 0
    private(set) var callCount = 0

    /// Reads the beginning of an item.
    mutating func begin(_ item: JSONValue, _ event: JSONObject) throws(AttemptFailure) -> [InferenceEvent] {
        let next = (items.keys.max() ?? -1) &+ 1
        let place = event["output_index"]?.integer.map { Int(clamping: $0) } ?? next
        guard items[place] == nil else { return [] }
        latest = place
        if let id = item["id"]?.string { places[id] = place }
        switch item["type"]?.string {
        case "message": items[place] = Item(kind: .message)
        case "reasoning": items[place] = Item(kind: .reasoning)
        case "function_call":
            guard let name = item["name"]?.string, !name.isEmpty else { throw ResponsesEventDecoder.malformed }
            let id = [item["call_id"], item["id"]].compactMap { $0?.string }.first { !$0.isEmpty }
            items[place] = Item(kind: .call(place: callCount))
            defer { callCount += 1 }
            return [.toolCallStarted(index: callCount, id: id ?? "call_\(callCount)", name: name)]
        default: items[place] = Item(kind: .skipped)
        }
        return []
    }

    /// Reads an item that is done, and says what has not been said of it.
    mutating func end(_ item: JSONValue, _ event: JSONObject) throws(AttemptFailure) -> [InferenceEvent] {
        var event = event
        // Some servers count otherwise in events that have an item; its name counts more.
        if let id = item["id"]?.string, let place = places[id] { event["output_index"] = .number(place) }
        var events = try begin(item, event)
        let place = place(of: event)
        guard let open = items[place], !open.isDone else { return events }
        items[place]?.isDone = true
        event["output_index"] = .number(place)
        switch open.kind {
        case .message:
            for (index, part) in (item["content"]?.array ?? []).enumerated() {
                event["content_index"] = .number(index)
                events += rest(part["text"], event) { .text($0) }
                events += rest(part["refusal"], event) { .refusal($0) }
            }
        case .call: events += try arguments(item["arguments"], event, isWhole: true)
        case .reasoning: events += thoughts(item, event)
        case .skipped: break
        }
        return events
    }

    // MARK: Pieces

    /// A piece of a message.
    mutating func said(
        _ text: JSONValue?, _ event: JSONObject, _ make: (String) -> InferenceEvent
    ) -> [InferenceEvent] {
        guard let text = text?.string, !text.isEmpty else { return [] }
        let place = place(of: event)
        let part = part(event)
        items[place, default: Item(kind: .message)].parts.insert(part)
        return [make(text)]
    }

    /// A whole part of a message, for which pieces may have come.
    mutating func rest(
        _ text: JSONValue?, _ event: JSONObject, _ make: (String) -> InferenceEvent
    ) -> [InferenceEvent] {
        items[place(of: event)]?.parts.contains(part(event)) == true ? [] : said(text, event, make)
    }

    /// A piece of thoughts. Of the thoughts themselves and their summary only what comes first is told.
    mutating func thought(_ text: JSONValue?, _ event: JSONObject, isSummary: Bool) -> [InferenceEvent] {
        guard let text = text?.string, !text.isEmpty else { return [] }
        let place = place(of: event)
        if items[place] == nil { items[place] = Item(kind: .reasoning) }
        let part = part(event)
        let earlier = items[place]?.thought
        guard earlier == nil || earlier?.isSummary == isSummary else { return [] }
        items[place]?.thought = (isSummary, part)
        // Parts are paragraphs.
        if let earlier, earlier.part != part { return [.reasoning("\n\n"), .reasoning(text)] }
        return [.reasoning(text)]
    }

    /// Arguments of a call, or a piece of them.
    mutating func arguments(
        _ text: JSONValue?, _ event: JSONObject, isWhole: Bool
    ) throws(AttemptFailure) -> [InferenceEvent] {
        guard let text = text?.string, !text.isEmpty else { return [] }
        let place = place(of: event)
        guard let item = items[place] else { throw ResponsesEventDecoder.malformed }
        guard case .call(let call) = item.kind, !(isWhole && item.hasArguments) else { return [] }
        items[place]?.hasArguments = true
        return [.toolCallArguments(index: call, text)]
    }

    /// What of thoughts has not been told: all of them, where no piece came, and what only their provider can read.
    private mutating func thoughts(_ item: JSONValue, _ event: JSONObject) -> [InferenceEvent] {
        var events: [InferenceEvent] = []
        if items[place(of: event)]?.thought == nil {
            var event = event
            for (key, isSummary) in [("summary", true), ("content", false)] {
                for (index, part) in (item[key]?.array ?? []).enumerated() {
                    event["summary_index"] = .number(index)
                    events += thought(part["text"], event, isSummary: isSummary)
                }
            }
        }
        if let data = item["encrypted_content"]?.string, !data.isEmpty {
            let sealed = SealedThoughts.named(id: item["id"]?.string ?? "", data: data)
            events.append(.encryptedReasoning(sealed.text))
        }
        return events
    }

    // MARK: Places

    /// Some servers leave the index out, some the name: then it is the item that began last.
    private func place(of event: JSONObject) -> Int {
        event["output_index"]?.integer.map { Int(clamping: $0) }
            ?? event["item_id"]?.string.flatMap { places[$0] } ?? latest
    }

    private func part(_ event: JSONObject) -> Int {
        (event["content_index"] ?? event["summary_index"])?.integer.map { Int(clamping: $0) } ?? 0
    }
}
