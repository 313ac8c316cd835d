import AlulaJSON

/// What `alula/echo` has to answer to one message.
package struct ChatCheck: Sendable {
    private static let prefix = "Alula's test model repeats: "

    /// The message: nothing in it is escaped in JSON.
    package let text: String
    package let isStreamed: Bool

    package init(text: String, isStreamed: Bool) {
        self.text = text
        self.isStreamed = isStreamed
    }

    /// What is wrong with a whole answer's body, for people; `nil` when it is right.
    package func problem(inBody body: [UInt8]) -> String? {
        problem { try JSONValue.parse(body)["choices"]?.array?.first?["message"]?["content"]?.string }
    }

    /// What is wrong with the events of a streamed answer, for people; `nil` when they are right. Its pieces come to the
    /// answer, and its last event says that it was the last.
    package func problem(inEvents events: [[UInt8]]) -> String? {
        guard events.last.map({ $0.elementsEqual("[DONE]".utf8) }) ?? false else { return "it broke off" }
        return problem {
            try events.dropLast().map { event in
                try JSONValue.parse(event)["choices"]?.array?.first?["delta"]?["content"]?.string ?? ""
            }.joined()
        }
    }

    private func problem(_ answer: () throws -> String?) -> String? {
        do {
            let answer = try answer()
            return answer == Self.prefix + text ? nil : "it says '\(answer?.prefix(80) ?? "nothing")'"
        } catch {
            return "it is no JSON"
        }
    }
}
