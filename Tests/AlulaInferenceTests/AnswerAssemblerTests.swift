import AlulaInference
import Testing

struct AnswerAssemblerTests {
    private func assembled(_ events: [InferenceEvent]) throws -> InferenceAnswer {
        var assembler = AnswerAssembler()
        for event in events { try assembler.take(event) }
        return try assembler.answer()
    }

    @Test func joinsWhatBelongsTogether() throws {
        let answer = try assembled([
            .started(AnswerHead(id: "a-1", model: "m")), .reasoning("Let me "), .reasoning("see."),
            .reasoningSignature("si"), .reasoningSignature("gn"), .text("It "), .text("is 4."),
            .usage(TokenUsage(input: 3, output: 4)), .finished(.stop),
        ])
        #expect(
            answer.parts == [
                .reasoning(Message.Reasoning(text: "Let me see.", signature: "sign")), .text("It is 4."),
            ])
        #expect(answer.head == AnswerHead(id: "a-1", model: "m"))
        #expect(answer.usage == TokenUsage(input: 3, output: 4))
        #expect(answer.text == "It is 4.")
    }

    @Test func keepsPiecesOfAlternatingToolCallsApart() throws {
        let answer = try assembled([
            .toolCallStarted(index: 0, id: "c0", name: "add"), .toolCallStarted(index: 1, id: "c1", name: "sub"),
            .toolCallArguments(index: 1, #"{"b""#), .toolCallArguments(index: 0, #"{"a":"#),
            .toolCallArguments(index: 1, ":2}"), .toolCallArguments(index: 0, "1}"), .finished(.toolCalls),
        ])
        #expect(
            answer.toolCalls == [
                Message.ToolCall(id: "c0", name: "add", arguments: #"{"a":1}"#),
                Message.ToolCall(id: "c1", name: "sub", arguments: #"{"b":2}"#),
            ])
    }

    @Test func keepsTheOrderInWhichPartsBegan() throws {
        let answer = try assembled([
            .text("First"), .toolCallStarted(index: 0, id: "c", name: "look"), .text("then"), .refusal("no"),
            .encryptedReasoning("sealed"), .reasoning("open"), .finished(.stop),
        ])
        #expect(
            answer.parts == [
                .text("First"), .toolCall(Message.ToolCall(id: "c", name: "look", arguments: "")), .text("then"),
                .refusal("no"), .reasoning(Message.Reasoning(encrypted: "sealed")),
                .reasoning(Message.Reasoning(text: "open")),
            ])
    }

    @Test func takesUsageAfterTheEnd() throws {
        let answer = try assembled([
            .usage(TokenUsage(input: 1)), .text("x"), .finished(.length), .usage(TokenUsage(input: 1, output: 9)),
        ])
        #expect(answer.usage == TokenUsage(input: 1, output: 9))
    }

    @Test func anAnswerWithoutAnEndIsNone() {
        #expect(throws: InferenceError.self) { try assembled([.text("half")]) }
        do {
            _ = try assembled([.text("half")])
        } catch let error as InferenceError {
            #expect(error.code == .incompleteAnswer)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func argumentsOfACallThatNeverBeganAreRefused() {
        var assembler = AnswerAssembler()
        #expect {
            try assembler.take(.toolCallArguments(index: 3, "{}"))
        } throws: {
            ($0 as? InferenceError)?.code == .malformedStream
        }
    }

    @Test func anEndlessAnswerIsRefused() throws {
        var assembler = AnswerAssembler()
        let piece = String(repeating: "x", count: 1 << 20)
        for _ in 0..<(AnswerAssembler.maximumBytes >> 20) { try assembler.take(.text(piece)) }
        #expect {
            try assembler.take(.text("x"))
        } throws: {
            ($0 as? InferenceError)?.code == .malformedStream
        }
    }

    @Test func anAnswerComesBackFromItsEvents() throws {
        let answer = InferenceAnswer(
            head: AnswerHead(id: "i", model: "m"),
            parts: [
                .reasoning(Message.Reasoning(text: "hm", signature: "s")), .text("a"),
                .toolCall(Message.ToolCall(id: "1", name: "n", arguments: "{}")), .refusal("r"),
                .toolCall(Message.ToolCall(id: "2", name: "n", arguments: "")),
                .reasoning(Message.Reasoning(encrypted: "e")),
            ], finish: .toolCalls, usage: TokenUsage(input: 1, output: 2, cacheRead: 1, reasoning: 1))
        #expect(try assembled(answer.events) == answer)
    }
}
