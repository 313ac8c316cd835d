import AlulaFleet
import AlulaJSON
import AlulaMeasuring

/// Asks a gateway who can answer, and compares that with what is true.
final class Judge {
    /// What an answer has to hold at least, and may hold at most.
    struct Expectation {
        var required: Set<String>
        var allowed: Set<String>
    }

    /// How long one answer may take before it counts as lost. A caller for whom nothing was prepared waits for two reads
    /// at most, of two seconds each.
    private static let patience = 4500.0
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
            let problem = Self.problem(
                in: Self.providers(in: payload, of: method), isComplete: method == "models.status", expectation)
            if let problem {
                wrongCount += 1
                note("\(phase): \(method) for \(Fleet.agent(index)): \(problem)")
            }
        }
    }

    /// What is wrong with the answer for the agent at `index`, without taking note of it; `nil` when it is right.
    func problem(of index: Int, against expectation: Expectation, phase: String) -> String? {
        guard let payload = ask("models.status", of: index, phase: phase) else { return "no answer" }
        return Self.problem(in: Self.providers(in: payload, of: "models.status"), isComplete: true, expectation)
    }

    /// Whether `provider` can answer for the agent at `index`, as the gateway says; `nil` without an answer.
    func isAvailable(_ provider: String, for index: Int) -> Bool? {
        ask("models.status", of: index, phase: "edit").map {
            Self.providers(in: $0, of: "models.status")[provider] ?? false
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
        let deadline = asked.advanced(byMilliseconds: Self.patience)
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

    /// What an answer says about each provider that it mentions.
    private static func providers(in payload: JSONValue, of method: String) -> [String: Bool] {
        let entries: [JSONValue]
        switch method {
        case "models.status": entries = payload["auth"]?["providers"]?.array ?? []
        case "models.list": entries = payload["models"]?.array ?? []
        default: entries = payload["providers"]?.array ?? []
        }
        var found: [String: Bool] = [:]
        for entry in entries {
            guard let provider = entry["provider"]?.string, let isAvailable = entry["available"]?.bool else { continue }
            // Models of one provider that disagree show as "can't", which is found where it can.
            found[provider] = isAvailable && found[provider] ?? true
        }
        return found
    }

    private static func problem(
        in answer: [String: Bool], isComplete: Bool, _ expectation: Expectation
    ) -> String? {
        let available = Set(answer.filter(\.value).keys)
        let unavailable = Set(answer.filter { !$0.value }.keys)
        let missing =
            isComplete ? expectation.required.subtracting(available) : unavailable.intersection(expectation.required)
        let surplus = available.subtracting(expectation.allowed)
        var words: [String] = []
        if answer.isEmpty { words.append("it is empty") }
        if !missing.isEmpty { words.append("\(missing.sorted().joined(separator: ", ")) can answer, and it says no") }
        if !surplus.isEmpty {
            words.append("\(surplus.sorted().joined(separator: ", ")) can't answer, and it says yes")
        }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }
}
