import AlulaMeasuring

/// One open connection that carries `GET /healthz` requests, one after another or, in a stall, all at once.
///
/// Requests are pipelined: a gateway that does not answer gets the next ones all the same, without a new connection
/// for each, and answers come back in order.
final class HealthzLane {
    private let port: Int
    private var socket: LoopbackSocket?
    private var parser = HTTPResponseParser()
    private var waiting: [Question] = []

    /// A request on its way.
    struct Question {
        let due: MonotonicTime
        let asked: MonotonicTime
    }

    init(port: Int) { self.port = port }

    var waitingCount: Int { waiting.count }
    var descriptor: Int32? { socket?.descriptor }
    var hasUnsent: Bool { socket?.hasUnsent ?? false }

    /// Sends one request; a broken connection is made anew first.
    func ask(due: MonotonicTime) throws(BenchmarkError) {
        let socket = if let open = self.socket { open } else { try LoopbackSocket(port: port) }
        self.socket = socket
        waiting.append(Question(due: due, asked: .now))
        try socket.send(GatewayFrames.get("/healthz", port: port))
    }

    /// Goes on after the socket became ready.
    ///
    /// - Returns: Questions that were answered, and whether with 200.
    func advance() throws(BenchmarkError) -> [(Question, isAnswered: Bool)] {
        guard let socket else { return [] }
        try socket.flush()
        var finished: [(Question, isAnswered: Bool)] = []
        switch try socket.read() {
        case .nothingYet: break
        case .closed: throw BenchmarkError(.connectionClosed, "The gateway closed a connection.")
        case .bytes(let bytes):
            parser.append(bytes)
            while let response = try parser.next() {
                guard !waiting.isEmpty else { break }
                finished.append((waiting.removeFirst(), response.status == 200))
            }
        }
        return finished
    }

    /// Gives up the connection.
    ///
    /// - Returns: The questions that will have no answer.
    func reset() -> [Question] {
        socket = nil
        parser = HTTPResponseParser()
        defer { waiting = [] }
        return waiting
    }
}
