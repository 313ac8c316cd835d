/// One client that asks for whole answers, one after the other on one connection.
package final class ChatCaller {
    /// What became of a question.
    package enum Outcome: Sendable {
        case nothingYet
        /// The right answer, after so many milliseconds.
        case right(Double)
        /// Anything else, in words.
        case wrong(String)
    }

    private let target: ChatTarget
    private var socket: LoopbackSocket
    private var parser = HTTPResponseParser()
    private var question = ""
    private var askedAt = MonotonicTime.now

    package init(_ target: ChatTarget) throws {
        self.target = target
        socket = try LoopbackSocket(port: target.port)
    }

    /// For ``waitForSockets(_:until:)``.
    package var interest: SocketInterest {
        SocketInterest(descriptor: socket.descriptor, wantsRoom: socket.hasUnsent)
    }

    /// Sends a question. The clock starts before.
    package func ask(_ question: String) throws {
        self.question = question
        let request = target.request(question)
        askedAt = .now
        try socket.send(request)
    }

    /// Looks for the answer. The clock stops before it is read: how fast this client parses is not what is measured.
    package func take() throws -> Outcome {
        do {
            try socket.flush()
            switch try socket.read() {
            case .nothingYet: return .nothingYet
            case .closed: return try begin(after: "the connection was closed")
            case .bytes(let bytes):
                let now = MonotonicTime.now
                parser.append(bytes)
                guard let response = try parser.next() else { return .nothingYet }
                let isRight =
                    response.status == 200
                    && ChatWords.content(in: response.body)?.hasPrefix(ChatWords.answer(to: question)) == true
                guard isRight else { return .wrong("\(response.status): \(Self.beginning(of: response.body))") }
                return .right(now.milliseconds(since: askedAt))
            }
        } catch let error as BenchmarkError {
            return try begin(after: error.message)
        }
    }

    /// Connects anew.
    private func begin(after problem: String) throws -> Outcome {
        socket = try LoopbackSocket(port: target.port)
        parser = HTTPResponseParser()
        return .wrong(problem)
    }

    private static func beginning(of body: [UInt8]) -> String { String(decoding: body.prefix(200), as: UTF8.self) }
}
