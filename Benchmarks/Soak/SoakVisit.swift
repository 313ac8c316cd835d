import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// One client of the WebSocket: connects, says hello, asks, and goes in one way or another.
final class SoakVisit: SoakClient {
    /// How it goes.
    enum Ending: Equatable {
        /// It closes the connection as the protocol has it, and waits until the gateway has done so too.
        case polite
        /// It closes the socket when its last answer begins to arrive, unread.
        case cutInAnswer
        /// It closes the socket in the middle of its last question.
        case cutInQuestion
        /// It stays for so many milliseconds before it asks.
        case idle(Double)

        var activity: SoakActivity {
            switch self {
            case .polite: .politeVisit
            case .cutInAnswer: .cutVisit
            case .cutInQuestion: .halfAskedVisit
            case .idle: .idleVisit
            }
        }
    }

    /// What it waits for.
    private enum Step {
        case challenge, hello, idle, answer, goodbye
    }

    private let who: String
    private let ending: Ending
    private let line: WebSocketLine
    private var questions: ArraySlice<SoakQuestion>
    private var step = Step.challenge
    private var asked = MonotonicTime.now
    private(set) var due: MonotonicTime

    /// - Parameters:
    ///   - who: For people.
    ///   - questions: At least one, asked one after the other.
    init(_ who: String, port: Int, questions: [SoakQuestion], ending: Ending = .polite) throws(BenchmarkError) {
        self.who = who
        self.ending = ending
        self.questions = questions[...]
        due = .now.advanced(byMilliseconds: Patience.answerMilliseconds)
        line = try WebSocketLine(port: port)
    }

    var interest: SocketInterest { SocketInterest(descriptor: line.descriptor, wantsRoom: line.hasUnsent) }

    var question: String {
        let what =
            switch step {
            case .challenge, .hello: "connect"
            case .idle: "idle"
            case .answer: questions.first?.text ?? "a question"
            case .goodbye: "goodbye"
            }
        return "\(who): \(what)"
    }

    func advance(_ stage: SoakStage) throws(BenchmarkError) -> Bool {
        // The kernel resets a connection that is closed with bytes unread: the gateway sees it in the middle of writing.
        if step == .answer, ending == .cutInAnswer, questions.count == 1 { return leave(stage) }
        for news in try line.read() {
            switch news {
            case .text(let text): if try textReceived(text, stage) { return true }
            case .close where step == .goodbye, .end where step == .goodbye: return leave(stage)
            case .close(let code):
                throw BenchmarkError(.connectionClosed, "The gateway closed the connection with \(code).")
            case .end: throw BenchmarkError(.connectionClosed, "The gateway closed the connection.")
            }
        }
        return false
    }

    func expire(_ stage: SoakStage) throws(BenchmarkError) -> Bool {
        guard step == .idle else { throw BenchmarkError(.timedOut, "No answer came in time.") }
        return try ask(stage)
    }

    /// - Returns: Whether the visit is over.
    private func textReceived(_ text: [UInt8], _ stage: SoakStage) throws(BenchmarkError) -> Bool {
        // Events of all kinds come in between; whoever stays reads them and forgets them.
        guard step != .idle, step != .goodbye, step == .challenge || text.starts(with: Self.answerStart) else {
            return false
        }
        let frame: JSONValue
        do { frame = try JSONValue.parse(text) } catch {
            throw BenchmarkError(.malformedAnswer, "A frame is no JSON.")
        }
        if step == .challenge {
            guard frame["event"]?.string == "connect.challenge" else { return false }
            try line.send(GatewayFrames.connect(id: "hello", token: Fleet.token))
            step = .hello
            return false
        }
        guard frame["ok"]?.bool == true else {
            throw BenchmarkError(.refused, frame["error"]?.text() ?? "no reason")
        }
        if step == .hello {
            guard case .idle(let milliseconds) = ending else { return try ask(stage) }
            step = .idle
            due = .now.advanced(byMilliseconds: milliseconds)
            return false
        }
        guard let asked = questions.popFirst() else { return false }
        asked.judge(frame["payload"] ?? .null, asked: self.asked, question: "\(who): \(asked.text)", stage)
        return try ask(stage)
    }

    private static let answerStart = Array(#"{"type":"res""#.utf8)

    /// Asks the next question, or takes leave.
    private func ask(_ stage: SoakStage) throws(BenchmarkError) -> Bool {
        asked = .now
        due = asked.advanced(byMilliseconds: questions.first?.patience ?? Patience.answerMilliseconds)
        guard let next = questions.first else {
            try line.sendClose()
            step = .goodbye
            return false
        }
        step = .answer
        let frame = GatewayFrames.call(
            id: "soak-\(questions.count)", method: next.method, parameters: .object(next.parameters))
        guard ending == .cutInQuestion, questions.count == 1 else {
            try line.send(frame)
            return false
        }
        try line.send(Array(frame.prefix(frame.count / 2)))
        return leave(stage)
    }

    private func leave(_ stage: SoakStage) -> Bool {
        line.shut()
        stage.tally.count(ending.activity)
        return true
    }
}
