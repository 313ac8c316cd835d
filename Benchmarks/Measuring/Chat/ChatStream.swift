/// One client that reads a streamed answer, and checks each word of it.
package final class ChatStream {
    package let question: String
    /// Words that came, the first piece included.
    package private(set) var words = 0
    /// From the provider's sending of each word to its being read here, in milliseconds; the first piece has none.
    package private(set) var latencies: [Double] = []
    /// The error that the stream ended with, if it was told one.
    package private(set) var toldError: String?
    /// Whether the answer came to its proper end.
    package private(set) var isWhole = false
    /// Whether nothing more comes.
    package private(set) var hasEnded = false
    /// What was wrong, the first of it.
    package private(set) var problem: String?

    private let socket: LoopbackSocket
    private var parser = StreamedResponseParser()

    /// Connects and asks.
    package init(_ target: ChatTarget, question: String) throws {
        self.question = question
        socket = try LoopbackSocket(port: target.port)
        try socket.send(target.request(question, isStreamed: true))
    }

    /// For ``waitForSockets(_:until:)``.
    package var interest: SocketInterest {
        SocketInterest(descriptor: hasEnded ? -1 : socket.descriptor, wantsRoom: socket.hasUnsent)
    }

    /// Closes the connection.
    package func hangUp() {
        hasEnded = true
        socket.shut()
    }

    /// Forgets the latencies of words so far.
    package func forgetLatencies() { latencies = [] }

    /// Reads what is there.
    package func pump() {
        guard !hasEnded else { return }
        do {
            try socket.flush()
            switch try socket.read() {
            case .nothingYet: return
            case .closed: hasEnded = true
            case .bytes(let bytes):
                let now = MonotonicTime.now
                for event in try parser.take(bytes) { read(event, at: now) }
                if parser.hasEnded { hasEnded = true }
            }
        } catch {
            hasEnded = true
            problem = problem ?? error.message
        }
    }

    private func read(_ event: [UInt8], at now: MonotonicTime) {
        if event.elementsEqual("[DONE]".utf8) {
            isWhole = true
        } else if event.starts(with: Array(#"{"error""#.utf8)) {
            toldError = String(decoding: event.prefix(300), as: UTF8.self)
        } else if let text = ChatWords.content(in: event), !text.isEmpty {
            read(text, at: now)
        }
    }

    private func read(_ text: Substring, at now: MonotonicTime) {
        defer { words += 1 }
        guard words > 0 else {
            if text != ChatWords.answer(to: question) { problem = problem ?? "an answer to something else" }
            return
        }
        guard let word = ChatWords.parts(ofWord: text), word.place == words else {
            problem = problem ?? "word \(words) is missing"
            return
        }
        latencies.append(now.milliseconds(since: word.sentAt))
    }
}

/// Many of them, on one thread.
package struct ChatCrowd {
    package private(set) var streams: [ChatStream] = []

    package init() {}

    /// Lets `count` more ask at once.
    package mutating func add(_ count: Int, _ target: ChatTarget, name: String) throws {
        for _ in 0..<count {
            streams.append(try ChatStream(target, question: "question-\(name)-\(streams.count)"))
        }
    }

    /// Reads whatever comes, until `isEnough` or the time is over.
    ///
    /// - Returns: Whether it is enough.
    @discardableResult
    package func pump(until instant: MonotonicTime, orUntil isEnough: () -> Bool = { false }) -> Bool {
        while !isEnough() {
            guard MonotonicTime.now < instant else { return false }
            var interests = streams.map(\.interest)
            // Never for long, since what is enough may not show at a socket.
            waitForSockets(&interests, until: min(instant, .now.advanced(byMilliseconds: 20)))
            for index in streams.indices where interests[index].isReady { streams[index].pump() }
        }
        return true
    }

    /// All go away.
    package func hangUp() { for stream in streams { stream.hangUp() } }
}
