import AlulaInference
import AlulaJSON
import Testing

struct MessageSizeTests {
    private static let text = String(repeating: "x", count: 1000)

    private static func request(_ part: Message.Part) -> InferenceRequest {
        InferenceRequest(model: "m", messages: [Message(.user, [part])], dialect: .openAIChat)
    }

    @Test(arguments: [
        Message.Part.text(text), .refusal(text), .reasoning(.init(text: text)), .reasoning(.init(encrypted: text)),
        .image(.init(.base64(text))), .audio(.init(.base64(text))), .file(.init(.url(text))),
        .toolCall(.init(id: "1", name: "f", arguments: text)), .toolResult(.init(callID: "1", parts: [.text(text)])),
    ])
    func everyKindOfPartCounts(_ part: Message.Part) {
        #expect((1000..<1200).contains(Self.request(part).approximateBytes(upTo: 10_000)))
        #expect((1000..<1200).contains(InferenceAnswer(parts: [part], finish: .stop).approximateBytes))
    }

    @Test func schemasAndUnknownMembersCount() {
        let tree: JSONValue = ["a": ["b": .array([.string(Self.text), 1, .null])]]
        let empty = Self.request(.text("")).approximateBytes(upTo: 100_000)
        var request = Self.request(.text(""))
        request.tools = [ToolDefinition(name: "f", parameters: tree)]
        request.format = .jsonSchema(.init(name: "s", schema: tree))
        request.extras["logit_bias"] = tree
        #expect(((empty + 3000)..<(empty + 3500)).contains(request.approximateBytes(upTo: 100_000)))
    }

    /// Sixty-four thousand messages say after a few of them that they are many.
    @Test func countingEndsWhereNothingElseMatters() {
        var request = Self.request(.text(Self.text))
        request.messages = Array(repeating: request.messages[0], count: 64_000)
        #expect(request.approximateBytes(upTo: 5000) < 7000)
        request.messages = []
        request.extras["x"] = .array(Array(repeating: .string(Self.text), count: 1000))
        #expect(request.approximateBytes(upTo: 5000) < 7000)
    }
}
