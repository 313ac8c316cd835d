import AlulaJSON
import AlulaSoaking
import Testing

struct ChatCheckTests {
    private let check = ChatCheck(text: "Hello there", isStreamed: false)

    private func body(_ text: String) -> [UInt8] {
        let answer: JSONValue = ["choices": [["message": ["content": .string(text)]]]]
        return answer.serialized()
    }

    private func events(_ pieces: String...) -> [[UInt8]] {
        pieces.map { piece in
            let event: JSONValue = ["choices": [["delta": ["content": .string(piece)]]]]
            return event.serialized()
        }
    }

    private let end = Array("[DONE]".utf8)

    @Test func isContentWithTheRepetition() {
        #expect(check.problem(inBody: body("Alula's test model repeats: Hello there")) == nil)
        let pieces = events("", "Alula's", " test model", " repeats: Hello", " there")
        #expect(check.problem(inEvents: pieces + [end]) == nil)
    }

    @Test func noticesAnotherAnswer() {
        #expect(check.problem(inBody: body("Alula's test model repeats: Hello")) != nil)
        #expect(check.problem(inBody: Array("{}".utf8)) != nil)
        #expect(check.problem(inBody: Array("<html>".utf8)) != nil)
        #expect(check.problem(inEvents: events("Alula's test model repeats: Hello") + [end]) != nil)
        #expect(check.problem(inEvents: [Array("{".utf8), end]) != nil)
    }

    @Test func noticesAStreamThatBreaksOff() {
        #expect(check.problem(inEvents: events("Alula's test model repeats: Hello there")) == "it broke off")
        #expect(check.problem(inEvents: []) == "it broke off")
    }
}
