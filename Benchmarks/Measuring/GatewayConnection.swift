package import AlulaJSON

/// A connected client of a gateway that waits for its answers. Everything here blocks the calling thread.
package final class GatewayConnection {
    /// A frame that the gateway sent without being asked.
    package struct Event: Sendable {
        package let name: String
        package let payload: JSONValue
        package let receivedAt: MonotonicTime
    }

    private let socket: LoopbackSocket
    private var parser = WebSocketParser()
    private var events: [Event] = []
    private var lastID = 0

    /// Connects, upgrades and says hello.
    package init(port: Int, token: String, deadline: MonotonicTime) throws {
        socket = try LoopbackSocket(port: port)
        try socket.send(GatewayFrames.upgrade(port: port))
        var head = HTTPResponseParser()
        while true {
            head.append(try Self.receive(from: socket, deadline: deadline))
            guard let response = try head.next() else { continue }
            guard response.status == 101 else {
                throw BenchmarkError(.refused, "The upgrade was answered with \(response.status).")
            }
            break
        }
        parser.append(head.rest)
        _ = try wait(deadline: deadline) { $0["event"]?.string == "connect.challenge" }
        try socket.send(GatewayFrames.connect(id: "hello", token: token))
        let hello = try wait(deadline: deadline) { $0["type"]?.string == "res" && $0["id"]?.string == "hello" }
        guard hello["ok"]?.bool == true else {
            throw BenchmarkError(.refused, "The gateway refused the client: \(hello["error"]?.text() ?? "no reason").")
        }
    }

    /// Calls a method and waits for its answer.
    package func call(
        _ method: String, _ parameters: JSONValue = [:], deadline: MonotonicTime
    ) throws -> JSONValue {
        try ask(method, parameters)
        return try answer(deadline: deadline)
    }

    /// Calls a method, and leaves the answer for ``answer(deadline:)``.
    package func ask(_ method: String, _ parameters: JSONValue = [:]) throws {
        lastID += 1
        try socket.send(GatewayFrames.call(id: "bench-\(lastID)", method: method, parameters: parameters))
    }

    /// Waits for the answer to the last call and leaves it as it is, which takes next to no time.
    package func unreadAnswer(deadline: MonotonicTime) throws -> [UInt8] {
        while true {
            let text = try nextText(deadline: deadline)
            if text.starts(with: Self.answerStart) { return text }
        }
    }

    /// Waits for the answer to the last call.
    package func answer(deadline: MonotonicTime) throws -> JSONValue {
        let id = "bench-\(lastID)"
        let answer = try wait(deadline: deadline) { $0["type"]?.string == "res" && $0["id"]?.string == id }
        guard answer["ok"]?.bool == true else {
            throw BenchmarkError(.refused, "A call failed: \(answer["error"]?.text() ?? "no reason").")
        }
        return answer["payload"] ?? .null
    }

    /// The next event called `name`; earlier others are dropped.
    package func event(_ name: String, deadline: MonotonicTime) throws -> Event {
        while true {
            if let place = events.firstIndex(where: { $0.name == name }) {
                let event = events[place]
                events.removeFirst(place + 1)
                return event
            }
            events = []
            _ = try wait(deadline: deadline) { $0["event"]?.string == name }
        }
    }

    /// Forgets events that came so far.
    package func dropEvents() { events = [] }

    /// For ``waitForSockets(_:until:)``.
    package var interest: SocketInterest {
        SocketInterest(descriptor: socket.descriptor, wantsRoom: socket.hasUnsent)
    }

    /// Sends whole frames.
    package func send(_ frames: [UInt8]) throws { try socket.send(frames) }

    /// Reads what is there and counts the answers in it, whatever they say.
    package func takeAnswers() throws -> Int {
        try socket.flush()
        switch try socket.read() {
        case .nothingYet: return 0
        case .closed: throw BenchmarkError(.connectionClosed, "The gateway closed the connection.")
        case .bytes(let bytes): parser.append(bytes)
        }
        var count = 0
        while let message = parser.next() {
            switch message {
            case .ping(let payload): try socket.send(WebSocketParser.clientFrame(opcode: 0xA, payload))
            case .close(let code):
                throw BenchmarkError(.connectionClosed, "The gateway closed the connection with \(code).")
            case .text(let bytes) where bytes.starts(with: Self.answerStart): count += 1
            case .text: break
            }
        }
        return count
    }

    /// What every answer begins with, and no event does.
    private static let answerStart = Array(#"{"type":"res""#.utf8)

    /// Reads frames until `isWanted`; events on the way are kept.
    private func wait(deadline: MonotonicTime, until isWanted: (JSONValue) -> Bool) throws -> JSONValue {
        while true {
            let frame = try JSONValue.parse(try nextText(deadline: deadline))
            if let name = frame["event"]?.string {
                events.append(Event(name: name, payload: frame["payload"] ?? .null, receivedAt: .now))
                if events.count > 1000 { events.removeFirst(500) }
            }
            if isWanted(frame) { return frame }
        }
    }

    /// The next frame with text, pings answered on the way.
    private func nextText(deadline: MonotonicTime) throws -> [UInt8] {
        while true {
            while let message = parser.next() {
                switch message {
                case .ping(let payload): try socket.send(WebSocketParser.clientFrame(opcode: 0xA, payload))
                case .close(let code):
                    throw BenchmarkError(.connectionClosed, "The gateway closed the connection with \(code).")
                case .text(let bytes): return bytes
                }
            }
            parser.append(try Self.receive(from: socket, deadline: deadline))
        }
    }

    private static func receive(from socket: LoopbackSocket, deadline: MonotonicTime) throws -> [UInt8] {
        while true {
            var interests = [SocketInterest(descriptor: socket.descriptor, wantsRoom: socket.hasUnsent)]
            waitForSockets(&interests, until: deadline)
            try socket.flush()
            if interests[0].isReady {
                switch try socket.read() {
                case .bytes(let bytes): return bytes
                case .closed: throw BenchmarkError(.connectionClosed, "The gateway closed the connection.")
                case .nothingYet: break
                }
            }
            guard MonotonicTime.now < deadline else { throw BenchmarkError(.timedOut, "No answer came in time.") }
        }
    }
}

extension GatewayConnection {
    /// Asks for `path` on a connection of its own and waits for the whole answer.
    package static func get(
        _ path: String, port: Int, token: String? = nil, deadline: MonotonicTime
    ) throws -> HTTPResponseParser.Response {
        let socket = try LoopbackSocket(port: port)
        try socket.send(GatewayFrames.get(path, port: port, token: token))
        var parser = HTTPResponseParser()
        while true {
            parser.append(try receive(from: socket, deadline: deadline))
            if let response = try parser.next() { return response }
        }
    }
}
