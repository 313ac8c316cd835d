import AlulaFaults
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// What became of the gateway under one fault.
struct FaultOutcome {
    let id: String
    var title: String
    /// Why it could not be tried here, or what stopped it.
    var failure: String?
    /// Whether ``failure`` is this machine's and not the gateway's.
    var isSkipped = false
    /// What the prober asked and got.
    var samples: [ProbeSample] = []
    /// The worst lateness of its event loops that the gateway itself told.
    var ownWorstMilliseconds: Double?
    /// What 999 of 1,000 of its ticks did not exceed.
    var ownP999Milliseconds: Double?
    var askedCount = 0
    /// The longest that one of the judge's answers took.
    var slowestAnswerMilliseconds: Double?
    var lostAnswers = 0
    var wrongAnswers = 0
    /// What was wrong or lost, the first of it.
    var findings: [String] = []
    /// From an edit of a store to the answer that shows it, while the fault was there.
    var editLatencies: [Double] = []
    /// From the end of the fault to answers that are whole again.
    var recoveryMilliseconds: Double?
    var before: Footprint?
    var after: Footprint?
    /// The most memory it ever had, in megabytes.
    var peakMegabytes: Double?
    /// From SIGTERM to the end; `nil` when it had to be killed.
    var stopMilliseconds: Double?
    /// What else is wrong.
    var problems: [String] = []

    /// What a process holds.
    struct Footprint {
        let megabytes: Double
        let descriptors: Int

        init?(of server: RunningServer) {
            guard let usage = server.usage, let descriptors = ProcessTree.descriptors(of: server.pid) else {
                return nil
            }
            megabytes = Double(usage.residentKilobytes) / 1024
            self.descriptors = descriptors
        }
    }

    init(_ fault: any Fault) {
        id = fault.id
        title = fault.title
    }

    /// Latencies of one kind of question; unanswered ones count with the time until they were given up.
    func latencies(_ kind: ProbeSample.Kind) -> LatencySummary? {
        LatencySummary(samples.filter { $0.kind == kind }.map(\.latency))
    }

    /// Questions of prober and judge that had no answer.
    var lostCount: Int { samples.count { !$0.isAnswered } + lostAnswers }

    /// How late the prober itself was, at worst.
    var proberWorstMilliseconds: Double { samples.map(\.askedLate).max() ?? 0 }

    /// Whether nothing was lost, wrong or left behind, and nothing stood still. How punctual it was is another matter.
    var isSound: Bool {
        failure == nil && lostCount == 0 && wrongAnswers == 0 && recoveryMilliseconds != nil && problems.isEmpty
            && (ownWorstMilliseconds ?? .infinity) < ChaosBounds.standstillMilliseconds
    }

    /// Whether it was as punctual as promised.
    var isPunctual: Bool {
        guard let own = ownWorstMilliseconds, let healthz = latencies(.healthz), let socket = latencies(.webSocket)
        else { return false }
        return own <= ChaosBounds.ownMilliseconds && healthz.p99 <= ChaosBounds.healthzP99Milliseconds
            && socket.p99 <= ChaosBounds.webSocketP99Milliseconds
    }

    /// Everything that somebody should look at.
    var remarks: [String] {
        var texts = findings.map { "\(id): \($0)" } + problems.map { "\(id): \($0)" }
        if let failure { texts.append("\(id): \(failure)") }
        if let own = ownWorstMilliseconds, own >= ChaosBounds.standstillMilliseconds {
            texts.append("\(id): it stood still for \(Int(own)) ms")
        }
        if proberWorstMilliseconds > 5 {
            texts.append("\(id): the prober itself asked up to \(Int(proberWorstMilliseconds.rounded())) ms late")
        }
        return texts
    }

    var document: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(($0 * 100).rounded() / 100) } ?? .null }
        func footprint(_ value: Footprint?) -> JSONValue {
            guard let value else { return .null }
            return ["residentMegabytes": number(value.megabytes), "descriptors": .number(value.descriptors)]
        }
        func summary(_ kind: ProbeSample.Kind) -> JSONValue {
            guard let latencies = latencies(kind) else { return .null }
            return [
                "count": .number(latencies.count), "p50": number(latencies.p50), "p99": number(latencies.p99),
                "p999": number(latencies.p999), "max": number(latencies.maximum),
            ]
        }
        return [
            "fault": .string(id), "title": .string(title), "failure": failure.map { .string($0) } ?? .null,
            "skipped": .bool(isSkipped), "ownWorstMs": number(ownWorstMilliseconds),
            "ownP999Ms": number(ownP999Milliseconds), "healthz": summary(.healthz), "webSocket": summary(.webSocket),
            "judged": .number(askedCount),
            "slowestAnswerMs": number(slowestAnswerMilliseconds), "lost": .number(lostCount),
            "wrong": .number(wrongAnswers), "editWorstMs": number(editLatencies.max()),
            "edits": .number(editLatencies.count), "recoveryMs": number(recoveryMilliseconds),
            "before": footprint(before), "after": footprint(after), "peakMegabytes": number(peakMegabytes),
            "stopMs": number(stopMilliseconds), "remarks": .array(remarks.map { .string($0) }),
            "proberLateMaxMs": number(proberWorstMilliseconds),
        ]
    }
}

/// What is promised under every fault.
enum ChaosBounds {
    static let ownMilliseconds = 50.0
    static let healthzP99Milliseconds = 20.0
    static let webSocketP99Milliseconds = 100.0
    /// From here on a gateway did not run late but stood still, on any machine.
    static let standstillMilliseconds = 2000.0
}
