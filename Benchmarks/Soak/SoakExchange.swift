import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// One request over HTTP, on a connection of its own.
final class SoakExchange: SoakClient {
    /// What is asked for.
    enum Kind {
        case healthz, metrics, models
        case chat(ChatCheck)
        /// A long stream, hung up on so many milliseconds after its first bytes.
        case cutChat(Double)

        var activity: SoakActivity {
            switch self {
            case .healthz: .healthz
            case .metrics: .metrics
            case .models: .modelsOverHTTP
            case .chat(let check): check.isStreamed ? .streamedChat : .wholeChat
            case .cutChat: .cutChat
            }
        }

        /// Whether the answer comes as events.
        fileprivate var isStreamed: Bool {
            switch self {
            case .healthz, .metrics, .models: false
            case .chat(let check): check.isStreamed
            case .cutChat: true
            }
        }

        fileprivate func request(port: Int) -> [UInt8] {
            func get(_ path: String) -> [UInt8] { GatewayFrames.get(path, port: port, token: Fleet.token) }
            func chat(_ model: String, _ text: String) -> [UInt8] {
                ChatTarget("alula", port: port, key: Fleet.token, model: model).request(text, isStreamed: isStreamed)
            }
            return switch self {
            case .healthz: get("/healthz")
            case .metrics: get("/metrics")
            case .models: get("/v1/models")
            case .chat(let check): chat("alula/echo", check.text)
            case .cutChat: chat("alula/echo?delay=20&words=500", "Who hangs up?")
            }
        }
    }

    private let kind: Kind
    private let socket: LoopbackSocket
    private let asked = MonotonicTime.now
    private var parser = HTTPResponseParser()
    private var stream = StreamedResponseParser()
    private var events: [[UInt8]] = []
    private var isBegun = false
    private(set) var due: MonotonicTime

    init(_ kind: Kind, port: Int) throws(BenchmarkError) {
        self.kind = kind
        due = asked.advanced(byMilliseconds: Patience.answerMilliseconds)
        socket = try LoopbackSocket(port: port)
        try socket.send(kind.request(port: port))
    }

    var question: String { "a caller: \(kind.activity.rawValue)" }
    var interest: SocketInterest { SocketInterest(descriptor: socket.descriptor, wantsRoom: socket.hasUnsent) }

    func advance(_ stage: SoakStage) throws(BenchmarkError) -> Bool {
        try socket.flush()
        let bytes: [UInt8]
        switch try socket.read() {
        case .nothingYet: return false
        case .closed: throw BenchmarkError(.connectionClosed, "The gateway closed the connection.")
        case .bytes(let read): bytes = read
        }
        if case .cutChat(let milliseconds) = kind, !isBegun {
            isBegun = true
            due = .now.advanced(byMilliseconds: milliseconds)
        }
        guard kind.isStreamed else {
            parser.append(bytes)
            guard let response = try parser.next() else { return false }
            try check(response.status, response.body)
            stage.judged(problem(in: response.body, stage), question)
            return leave(stage)
        }
        events += try stream.take(bytes)
        guard stream.hasEnded else { return false }
        try check(stream.status ?? 0, events.last ?? [])
        if case .chat(let check) = kind {
            stage.judged(check.problem(inEvents: events), question)
        } else {
            stage.judged("it ended although it is long", question)
        }
        return leave(stage)
    }

    private func check(_ status: Int, _ body: [UInt8]) throws(BenchmarkError) {
        guard status != 200 else { return }
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        throw BenchmarkError(.refused, "It was answered with \(status): \(text)")
    }

    func expire(_ stage: SoakStage) throws(BenchmarkError) -> Bool {
        guard case .cutChat = kind, isBegun else {
            throw BenchmarkError(.timedOut, "No answer came in time.")
        }
        return leave(stage)
    }

    private func leave(_ stage: SoakStage) -> Bool {
        socket.shut()
        stage.tally.count(kind.activity)
        return true
    }

    private func problem(in body: [UInt8], _ stage: SoakStage) -> String? {
        do {
            switch kind {
            case .healthz: return try JSONValue.parse(body)["ok"]?.bool == true ? nil : "it is not ok"
            case .metrics:
                let isPage = String(decoding: body, as: UTF8.self).contains("\nalula_")
                return isPage ? nil : "it is no page of metrics"
            case .models: return try problem(inModels: JSONValue.parse(body), stage)
            case .chat(let check): return check.problem(inBody: body)
            case .cutChat: return nil
            }
        } catch {
            return "it is no JSON"
        }
    }

    /// The models of those that can answer for the first agent.
    private func problem(inModels page: JSONValue, _ stage: SoakStage) -> String? {
        let owners = Set(page["data"]?.array?.compactMap { $0["owned_by"]?.string } ?? [])
        guard owners.contains("alula") else { return "the test model is missing" }
        let answer = ProviderAnswer(
            providers: Dictionary(uniqueKeysWithValues: owners.map { ($0, true) }), isComplete: false)
        let expectation = stage.ledger.expectation(for: 0, asked: asked)
        // Of what the configuration names there are models for certain.
        let missing = expectation.required.intersection(["house", "churn"]).subtracting(owners)
        if !missing.isEmpty { return "\(missing.sorted().joined(separator: ", ")) can answer, and is missing" }
        return answer.problem(against: expectation)
    }
}
