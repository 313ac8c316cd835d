import AlulaInference
import AlulaJSON
import AlulaModels
import Testing

struct RequestNeedTests {
    private static let png = Message.Part.image(Message.Media(.base64("AAAA"), mediaType: "image/png"))

    private static func file(_ content: Message.Media.Content, _ type: String? = nil) -> Message.Part {
        .file(Message.Media(content, mediaType: type))
    }

    @Test(
        arguments: [
            ([.text("Hi"), .refusal("no"), .reasoning(.init(text: "hm"))], []),
            ([png], [.images]),
            ([.image(Message.Media(.url("https://example.test/a.png")))], [.images]),
            ([.audio(Message.Media(.base64("AAAA"), mediaType: "audio/wav"))], [.audio]),
            ([file(.base64("AAAA"), "application/pdf")], [.files]),
            ([file(.providerFile("file-1"))], [.files]),
            ([file(.text("words"), "text/plain")], []),
            ([file(.base64("AAAA"), "IMAGE/png")], [.images]),
            ([file(.url("https://example.test/a"), "video/mp4"), png], [.images, .video]),
            ([.toolResult(.init(callID: "1", parts: [.text("see"), png]))], [.images]),
            ([.native(.init(["type": "odd"], of: .openAIChat, at: "messages[0]")), .cachePoint(.init())], []),
        ] as [([Message.Part], [ModelCapability])])
    func aMessageAsksForWhatItHolds(parts: [Message.Part], needs: [ModelCapability]) {
        let request = InferenceRequest(model: "m", messages: [Message(.user, parts)], dialect: .openAIChat)
        #expect(request.needs.map(\.capability) == needs)
    }

    @Test func anImageOfAnEarlierTurnCountsAndEachNeedComesOnce() {
        let request = InferenceRequest(
            model: "m",
            messages: [
                Message(.user, [Self.png, Self.png]), Message(.assistant, "A bird."), Message(.user, "Which?"),
            ], tools: [ToolDefinition(name: "look")], dialect: .openAIChat)
        #expect(request.needs == [RequestNeed(.images, in: "messages"), RequestNeed(.tools, in: "tools")])
    }

    @Test(arguments: Dialect.allCases) func theMemberIsTheCallersOwn(dialect: Dialect) {
        let request = InferenceRequest(model: "m", messages: [Message(.user, [Self.png])], dialect: dialect)
        #expect(request.needs.map(\.parameter) == [dialect == .openAIResponses ? "input" : "messages"])
    }
}
