import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring

/// Asks a gateway who can answer, and compares that with what is true.
final class Judge {
    /// Findings that are told in full.
    private static let maximumFindings = 6

    private let fleet: Fleet
    private var client: GatewayConnection?
    /// Answers that were asked for.
    private(set) var askedCount = 0
    /// Answers that did not come.
    private(set) var lostCount = 0
    /// Answers that were not right.
    private(set) var wrongCount = 0
    /// The longest that an answer took, in milliseconds.
    private(set) var slowestMilliseconds = 0.0
    /// What was wrong or lost, the first of it.
    private(set) var findings: [String] = []

    init(_ fleet: Fleet) { self.fleet = fleet }

    /// Asks three methods about the agent at `index`, and takes note of what is wrong.
    ///
    /// - Parameter phase: For people.
    func check(_ index: Int, against expectation: Expectation, phase: String) {
        for method in ["models.status", "models.list", "models.authStatus"] {
            guard let payload = ask(method, of: index, phase: phase) else { continue }
            if let problem = ProviderAnswer(payload, of: method).problem(against: expectation) {
                wrongCount += 1
                note("\(phase): \(method) for \(Fleet.agent(index)): \(problem)")
            }
        }
    }

    /// What is wrong with the answer for the agent at `index`, without taking note of it; `nil` when it is right.
    func problem(of index: Int, against expectation: Expectation, phase: String) -> String? {
        guard let payload = ask("models.status", of: index, phase: phase) else { return "no answer" }
        return ProviderAnswer(payload, of: "models.status").problem(against: expectation)
    }

    /// Whether `provider` can answer for the agent at `index`, as the gateway says; `nil` without an answer.
    func isAvailable(_ provider: String, for index: Int) -> Bool? {
        ask("models.status", of: index, phase: "edit").map {
            ProviderAnswer($0, of: "models.status").providers[provider] ?? false
        }
    }

    /// Takes note of something that is wrong.
    func addWrong(_ text: String) {
        wrongCount += 1
        note(text)
    }

    private func note(_ text: String) {
        if findings.count < Self.maximumFindings { findings.append(text) }
    }

    private func ask(_ method: String, of index: Int, phase: String) -> JSONValue? {
        askedCount += 1
        let asked = MonotonicTime.now
        let deadline = asked.advanced(byMilliseconds: Patience.answerMilliseconds)
        defer { slowestMilliseconds = max(slowestMilliseconds, MonotonicTime.now.milliseconds(since: asked)) }
        do {
            let connected = try client ?? GatewayConnection(port: fleet.port, token: Fleet.token, deadline: deadline)
            client = connected
            var parameters = JSONObject([("agentId", .string(Fleet.agent(index)))])
            if method == "models.list" { parameters["view"] = "all" }
            return try connected.call(method, .object(parameters), deadline: deadline)
        } catch {
            client = nil
            lostCount += 1
            note("\(phase): \(method) for \(Fleet.agent(index)): \((error as? BenchmarkError)?.message ?? "\(error)")")
            return nil
        }
    }
}
