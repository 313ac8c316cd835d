import Testing

@testable import AlulaInference

/// What goes back to a provider that can't read its own thoughts later.
struct EarlierThoughtsTests {
    private static let thought = Message.Part.reasoning(.init(text: "Hm.", encrypted: "fake"))
    private static let call = Message.Part.toolCall(.init(id: "c", name: "t", arguments: "{}"))
    private static let result = Message(.tool, [.toolResult(.init(callID: "c", parts: [.text("r")]))])

    private static func left(_ messages: [Message]) -> [Message] {
        InferenceRequest(model: "m", messages: messages, dialect: .openAIResponses).withoutEarlierThoughts().messages
    }

    @Test func theTurnThatGoesOnKeepsItsThoughts() {
        let talk = [Message(.user, "Hi"), Message(.assistant, [Self.thought, Self.call]), Self.result]
        #expect(Self.left(talk) == talk)
        // Instructions on the way are no new turn.
        let steered = talk + [Message(.developer, "Be brief.")]
        #expect(Self.left(steered) == steered)
    }

    @Test func earlierTurnsLoseThemAndNothingElse() {
        let talk = [
            Message(.system, "S"), Message(.user, "Hi"), Message(.assistant, [Self.thought, Self.call]), Self.result,
            Message(.assistant, [Self.thought, .text("Ho"), Self.thought]), Message(.assistant, [Self.thought]),
            Message(.user, "And?"), Message(.assistant, [Self.thought, Self.call]), Self.result,
        ]
        #expect(
            Self.left(talk) == [
                talk[0], talk[1], Message(.assistant, [Self.call]), talk[3], Message(.assistant, "Ho"), talk[6],
                talk[7],
                talk[8],
            ])
    }

    @Test func whatHasNoThoughtsStaysAsItIs() {
        for talk in [
            [], [Message(.user, "Hi")], [Message(.assistant, [])], [Message(.assistant, [Self.thought])],
            [Message(.assistant, []), Message(.user, "Hi")],
        ] as [[Message]] { #expect(Self.left(talk) == talk) }
    }
}
