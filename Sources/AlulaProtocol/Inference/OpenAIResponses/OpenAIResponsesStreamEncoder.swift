package import AlulaInference
import AlulaJSON

/// Writes an answer as the event stream of `POST /v1/responses`.
///
/// It gives `response.created` and `response.in_progress` once, then each item from its `added` to its `done`, then the
/// whole answer in the event that says how it ended, however the provider ordered its pieces. Words and thoughts are done
/// when something else begins. Calls are done at the end, in order, since pieces of several may alternate.
///
/// - SeeAlso: OpenAI API reference, "Streaming events".
package struct OpenAIResponsesStreamEncoder: AnswerStreamEncoding {
    private let labels: AnswerLabels
    private let frame: ResponseFrame
    private var hasBegun = false
    private var items: [ResponseItem] = []
    /// The words or thoughts that still grow.
    private var open: Int?
    /// Places in ``items`` of calls, by the provider's indices.
    private var callPlaces: [Int: Int] = [:]
    private var isDone: [Bool] = []
    private var sequence = 0
    private var usage: TokenUsage?
    private var finish: FinishReason?
    /// What is held for the last event, in bytes.
    private var held = 0

    package init(_ labels: AnswerLabels, answering request: InferenceRequest) {
        self.labels = labels
        frame = ResponseFrame(labels, answering: request)
    }

    package mutating func encode(_ event: InferenceEvent) -> [UInt8] {
        guard held <= AnswerAssembler.maximumBytes else { return [] }
        switch event {
        case .started: return begin()
        case .text(let text): return text.isEmpty ? [] : begin() + say(text, isRefusal: false)
        case .refusal(let text): return text.isEmpty ? [] : begin() + say(text, isRefusal: true)
        case .reasoning(let text): return text.isEmpty ? [] : begin() + think(text)
        case .reasoningSignature(let signature):
            var bytes = begin()
            if !isOpen(.reasoning) || items[items.count - 1].encrypted != nil { bytes += add(.reasoning) }
            items[items.count - 1].signature += signature
            held += signature.utf8.count
            return bytes
        case .encryptedReasoning(let text):
            var bytes = begin()
            if open == nil || !items[items.count - 1].takes(encrypted: text) { bytes += add(.reasoning) }
            items[items.count - 1].encrypted = text
            held += text.utf8.count
            return bytes
        case .toolCallStarted(let index, let id, let name):
            let bytes = begin() + add(.call(id: id, name: name))
            callPlaces[index] = items.count - 1
            open = nil
            return bytes
        case .toolCallArguments(let index, let text):
            guard !text.isEmpty, let place = callPlaces[index] else { return [] }
            items[place].text += text
            held += text.utf8.count
            return delta("response.function_call_arguments.delta", of: place, "", text)
        case .usage(let usage):
            self.usage = usage
            return []
        case .finished(let reason):
            finish = reason
            return []
        }
    }

    package mutating func end() -> [UInt8] {
        guard held <= AnswerAssembler.maximumBytes else {
            return fail(AnswerError(.upstream, "The answer is longer than the gateway holds."))
        }
        let hasRefused = items.contains { $0.contents.contains(where: \.isRefusal) }
        let state = ResponseFrame.State(finish ?? .stop, hasRefused: hasRefused)
        var (bytes, lastStatus) = (begin(), ResponseItem.Status.completed)
        // Whatever was cut off is the last item.
        if case .incomplete = state { lastStatus = .incomplete }
        for index in items.indices where !isDone[index] {
            bytes += done(index, index == items.count - 1 ? lastStatus : .completed)
        }
        var output = items.map { $0.payload(.completed) }
        if let last = items.last { output[output.count - 1] = last.payload(lastStatus) }
        let response = frame.payload(state, output: output, usage: usage ?? TokenUsage())
        return bytes + line("response.\(state.word)", [("response", response)])
    }

    package mutating func fail(_ error: AnswerError) -> [UInt8] {
        // What is not done stays so, and nobody takes it for whole.
        let output = items.indices.map { items[$0].payload(isDone[$0] ? .completed : .incomplete) }
        let response = frame.payload(.failed(error), output: output, usage: nil)
        return begin() + line("response.failed", [("response", response)])
    }

    package func weight(of event: InferenceEvent?) -> Int {
        guard let event else { return 4 * held }
        guard let item = items.last, open != nil else { return 0 }
        let endsItem: Bool
        switch event {
        case .text: endsItem = item.contents.last?.isRefusal != false
        case .refusal: endsItem = item.contents.last?.isRefusal != true
        case .reasoning: endsItem = item.kind != .reasoning || item.isSealed
        case .reasoningSignature: endsItem = item.kind != .reasoning || item.encrypted != nil
        case .encryptedReasoning(let text): endsItem = !item.takes(encrypted: text)
        case .toolCallStarted: endsItem = true
        case .started, .toolCallArguments, .usage, .finished: endsItem = false
        }
        // What ends is said whole three times.
        return endsItem ? 3 * (item.text.utf8.count + item.contents.reduce(0) { $0 + $1.text.utf8.count }) : 0
    }

    /// The beginning of the answer, before anything else.
    private mutating func begin() -> [UInt8] {
        guard !hasBegun else { return [] }
        hasBegun = true
        let response = frame.payload(.inProgress, output: [], usage: nil)
        return line("response.created", [("response", response)])
            + line("response.in_progress", [("response", response)])
    }

    // MARK: Items

    private func isOpen(_ kind: ResponseItem.Kind) -> Bool { open.map { items[$0].kind == kind } ?? false }

    /// Begins an item, which is the open one, after the one that is.
    private mutating func add(_ kind: ResponseItem.Kind) -> [UInt8] {
        let bytes = open.map { done($0, .completed) } ?? []
        let item = ResponseItem(kind, of: labels, at: items.count)
        items.append(item)
        isDone.append(false)
        open = items.count - 1
        return bytes
            + line(
                "response.output_item.added",
                [("output_index", .number(items.count - 1)), ("item", item.payload(.inProgress))])
    }

    private mutating func say(_ text: String, isRefusal: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        if !isOpen(.message) { bytes += add(.message) }
        let place = items.count - 1
        if items[place].contents.last?.isRefusal != isRefusal {
            if !items[place].contents.isEmpty { bytes += contentDone(place) }
            let content = ResponseItem.Content(isRefusal: isRefusal)
            items[place].contents.append(content)
            bytes += line(
                "response.content_part.added",
                members(of: place, "content_index", items[place].contents.count - 1, [("part", content.payload)]))
        }
        let index = items[place].contents.count - 1
        items[place].contents[index].text += text
        held += text.utf8.count
        let type = isRefusal ? "response.refusal.delta" : "response.output_text.delta"
        return bytes + delta(type, of: place, #","content_index":\#(index)"#, text, hasProbabilities: !isRefusal)
    }

    private mutating func think(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        if !isOpen(.reasoning) || items[items.count - 1].isSealed { bytes += add(.reasoning) }
        let place = items.count - 1
        if items[place].text.isEmpty {
            bytes += line(
                "response.reasoning_summary_part.added",
                members(of: place, "summary_index", 0, [("part", ResponseItem.summary(""))]))
        }
        items[place].text += text
        held += text.utf8.count
        return bytes + delta("response.reasoning_summary_text.delta", of: place, #","summary_index":0"#, text)
    }

    /// Ends an item. Nothing is added to it any more.
    private mutating func done(_ place: Int, _ status: ResponseItem.Status) -> [UInt8] {
        let item = items[place]
        var bytes: [UInt8] = []
        switch item.kind {
        case .message: bytes += contentDone(place)
        case .call(_, let name):
            bytes += line(
                "response.function_call_arguments.done",
                members(of: place, nil, 0, [("name", .string(name)), ("arguments", .string(item.text))]))
        case .reasoning:
            guard !item.text.isEmpty else { break }
            bytes += line(
                "response.reasoning_summary_text.done",
                members(of: place, "summary_index", 0, [("text", .string(item.text))]))
            bytes += line(
                "response.reasoning_summary_part.done",
                members(of: place, "summary_index", 0, [("part", ResponseItem.summary(item.text))]))
        }
        isDone[place] = true
        if open == place { open = nil }
        return bytes
            + line("response.output_item.done", [("output_index", .number(place)), ("item", item.payload(status))])
    }

    /// Ends the last part of a message.
    private mutating func contentDone(_ place: Int) -> [UInt8] {
        let index = items[place].contents.count - 1
        let content = items[place].contents[index]
        let said: [(String, JSONValue)] =
            content.isRefusal
            ? [("refusal", .string(content.text))] : [("text", .string(content.text)), ("logprobs", [])]
        return line(
            content.isRefusal ? "response.refusal.done" : "response.output_text.done",
            members(of: place, "content_index", index, said))
            + line(
                "response.content_part.done",
                members(of: place, "content_index", index, [("part", content.payload)]))
    }

    // MARK: Events

    private func members(
        of place: Int, _ indexName: String?, _ index: Int, _ others: [(String, JSONValue)]
    ) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("item_id", .string(items[place].id)), ("output_index", .number(place))]
        if let indexName { members.append((indexName, .number(index))) }
        return members + others
    }

    /// A piece of an item. There may be one for each word, so it is written without a tree of its parts.
    private mutating func delta(
        _ type: String, of place: Int, _ index: String, _ text: String, hasProbabilities: Bool = false
    ) -> [UInt8] {
        let head =
            "event: \(type)\ndata: "
            + #"{"type":"\#(type)","item_id":"\#(items[place].id)","output_index":\#(place)\#(index),"delta":"#
        let tail = (hasProbabilities ? #","logprobs":[]"# : "") + #","sequence_number":\#(nextNumber())}"# + "\n\n"
        return Array(head.utf8) + JSONValue.string(text).serialized(.compact) + Array(tail.utf8)
    }

    /// One event; its data repeats its name.
    private mutating func line(_ name: String, _ members: [(String, JSONValue)]) -> [UInt8] {
        ServerSentEvent.encode(
            name,
            data: .object(
                JSONObject([("type", .string(name))] + members + [("sequence_number", .number(nextNumber()))])))
    }

    private mutating func nextNumber() -> Int {
        defer { sequence += 1 }
        return sequence
    }
}
