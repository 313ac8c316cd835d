import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One run: measures in turn, prints the table, writes the results and the plot.
///
/// A part that fails leaves its rows empty and a note; the rest is measured all the same.
struct BenchmarkRun {
    let settings: BenchmarkSettings
    var table = ResultTable()
    var lateness: [LatenessMeasurement] = []
    var traffic: [TrafficLine] = []
    var notes: [String] = []

    init(settings: BenchmarkSettings) { self.settings = settings }

    /// Takes about ten minutes; with quick settings about two.
    mutating func measureAndReport() throws {
        let start = MonotonicTime.now
        for part in settings.parts where part == .lateness || settings.contenders.contains(.alula) {
            table.part = part
            measure(part)
        }
        table.part = nil
        let seconds = Int(MonotonicTime.now.milliseconds(since: start) / 1000)
        let machine = Machine.current
        print("\n\(table.text)\n")
        if !traffic.isEmpty { print(TrafficTable(lines: traffic).markdown) }
        for note in notes { print("note: \(note)") }
        print("\(seconds) s on \(machine.description)\(settings.isQuick ? ", quick" : "")")
        guard settings.isWhole else {
            print("Part of a run; \(settings.results) stays as it is.")
            return
        }
        try keep(seconds: seconds, machine)
    }

    /// Writes the results of a whole run.
    private func keep(seconds: Int, _ machine: Machine) throws {
        try TextFile.makeDirectory(settings.results)
        let document: JSONValue = [
            "rows": table.document, "lateness": .array(lateness.map(\.document)),
            "traffic": TrafficTable(lines: traffic).document,
            "notes": .array(notes.map { .string($0) }), "machine": .string(machine.description),
            "processors": .number(machine.cores), "agents": .number(settings.agentCount),
            "largeFleetAgents": .number(settings.largeAgentCount), "seconds": .number(seconds),
        ]
        try TextFile.write(document.text(.pretty) + "\n", to: "\(settings.results)/latest.json", mode: 0o644)
        let page = ResultPage(table: table, machine: machine, seconds: seconds).text
        let more = traffic.isEmpty ? "" : "\n## Calls to a model\n\n\(TrafficTable(lines: traffic).markdown)"
        try TextFile.write("# Results\n\n\(page)\(more)", to: "\(settings.results)/latest.md", mode: 0o644)
        if !lateness.isEmpty {
            let plot = LatenessPlot(measurements: lateness).svg()
            try TextFile.write(plot, to: "\(settings.results)/lateness.svg", mode: 0o644)
        }
        if let readme = settings.readme { try ResultPage.put(page, into: readme) }
    }

    private mutating func measure(_ part: BenchmarkPart) {
        switch part {
        case .lateness: measureLateness()
        case .deadlines: measureDeadlines()
        case .warms: measureWarms()
        case .start: measureStart()
        case .edits: measureEdits()
        case .load: measureLoad()
        case .reloads: measureReloads()
        case .refresh: measureRefresh()
        case .gateway: measureGateway()
        case .followers: measureFollowers()
        case .traffic: measureTraffic()
        case .reading:
            table.add(
                ResultRow(
                    "read.prepared", "reading a prepared answer", .microseconds, must: 50, aim: 1,
                    alula: ReadMeasurement.run(agentCount: settings.agentCount)))
        case .size: measureSize()
        }
    }

    private mutating func measureLateness() {
        for fault in settings.faults {
            var results: [Contender: LatenessMeasurement] = [:]
            for contender in settings.contenders {
                Progress.note("lateness with \(fault.title), \(contender.title)")
                attempt("lateness, \(fault.title), \(contender.title)") { run in
                    let result = try LatenessMeasurement.run(contender, fault: fault, settings: run.settings)
                    results[contender] = result
                    run.lateness.append(result)
                    if result.unansweredCount > 0 {
                        run.notes.append(
                            "\(contender.title), \(fault.title): \(result.unansweredCount) of \(result.samples.count) "
                                + "questions had no answer")
                    }
                    if result.proberWorstMilliseconds > 5 {
                        let lateness = Int(result.proberWorstMilliseconds.rounded())
                        run.notes.append(
                            "\(contender.title), \(fault.title): the prober itself asked up to \(lateness) ms late")
                    }
                    if contender == .alula, result.warmCount < 2 {
                        run.notes.append("Alula, \(fault.title): only \(result.warmCount) warms while it was probed")
                    }
                }
            }
            addLatenessRows(fault, alula: results[.alula], naive: results[.naive])
        }
    }

    private mutating func addLatenessRows(
        _ fault: FleetFault, alula: LatenessMeasurement?, naive: LatenessMeasurement?
    ) {
        let title = fault.title
        table.add(
            ResultRow(
                "lateness.\(fault.rawValue).timer", "warm, \(title): worst lateness of a timer, by its own clock",
                .milliseconds, must: 50, aim: 10, alula: alula?.ownWorstMilliseconds,
                naive: naive?.ownWorstMilliseconds))
        table.add(
            ResultRow(
                "lateness.\(fault.rawValue).timerP999", "warm, \(title): the same, p99.9", .milliseconds, aim: 2,
                alula: alula?.ownP999Milliseconds))
        table.add(
            ResultRow(
                "lateness.\(fault.rawValue).healthzWorst", "warm, \(title): /healthz from outside, worst",
                .milliseconds, must: 50, aim: 10, alula: alula?.latencies(.healthz)?.maximum,
                naive: naive?.latencies(.healthz)?.maximum))
        table.add(
            ResultRow(
                "lateness.\(fault.rawValue).healthzP99", "warm, \(title): /healthz from outside, p99",
                .milliseconds, must: 20, aim: 10, alula: alula?.latencies(.healthz)?.p99,
                naive: naive?.latencies(.healthz)?.p99))
        table.add(
            ResultRow(
                "lateness.\(fault.rawValue).webSocketP99", "warm, \(title): WebSocket connect + health, p99",
                .milliseconds, must: 100, aim: 20, alula: alula?.latencies(.webSocket)?.p99,
                naive: naive?.latencies(.webSocket)?.p99))
    }

    private mutating func measureWarms() {
        var small: WarmMeasurement?
        var large: WarmMeasurement?
        Progress.note("warms of \(settings.agentCount) and \(settings.largeAgentCount) agents")
        attempt("warm of \(settings.agentCount)") { run in
            small = try WarmMeasurement.run(
                agentCount: run.settings.agentCount, repetitions: run.settings.isQuick ? 3 : 7, settings: run.settings)
        }
        attempt("warm of \(settings.largeAgentCount)") { run in
            large = try WarmMeasurement.run(
                agentCount: run.settings.largeAgentCount, repetitions: run.settings.isQuick ? 1 : 3,
                settings: run.settings)
        }
        let naiveWall = lateness.first { $0.contender == .naive && $0.fault == .none }?.ownWorstMilliseconds
        table.add(
            ResultRow(
                "warm.wall", "full warm, \(settings.agentCount) agents × all providers", .milliseconds, must: 500,
                aim: 100, alula: LatencySummary(small?.wall ?? [])?.p50, naive: naiveWall))
        table.add(
            ResultRow(
                "warm.processor", "the same: processor time, start of both processes included", .milliseconds,
                aim: 100, alula: LatencySummary(small?.processor ?? [])?.p50))
        table.add(
            ResultRow(
                "warm.large.wall", "full warm, \(settings.largeAgentCount) agents", .milliseconds, must: 10_000,
                aim: 3000, alula: LatencySummary(large?.wall ?? [])?.p50))
        table.add(
            ResultRow(
                "warm.large.processor", "the same: processor time, start included", .milliseconds,
                alula: LatencySummary(large?.processor ?? [])?.p50))
        table.add(
            ResultRow(
                "warm.large.resident", "resident memory after it", .megabytes,
                alula: LatencySummary(large?.residentMegabytes ?? [])?.p50))
        let megabytes = [small, large].compactMap { LatencySummary($0?.residentMegabytes ?? [])?.p50 }
        table.add(
            ResultRow(
                "warm.large.added", "of it more than with \(settings.agentCount) agents", .megabytes, aim: 50,
                alula: megabytes.count == 2 ? megabytes[1] - megabytes[0] : nil))
    }

    private mutating func measureStart() {
        Progress.note("starts, idle memory and processor time")
        attempt("start") { run in
            let start = try StartMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "start.healthy", "start → first healthy answer", .milliseconds, must: 150, aim: 30,
                    alula: LatencySummary(start.healthy)?.p50))
            run.table.add(
                ResultRow(
                    "start.prepared", "start → first prepared answer (10 agents, snapshot on disk)", .milliseconds,
                    must: 300, aim: 60, alula: LatencySummary(start.preparedFromSnapshot)?.p50))
            run.table.add(
                ResultRow(
                    "start.preparedAfresh", "start → first prepared answer (10 agents, no snapshot)", .milliseconds,
                    must: 300, aim: 60, alula: LatencySummary(start.preparedAfresh)?.p50))
            run.table.add(
                ResultRow(
                    "idle.resident", "resident memory, idle, 10 agents", .megabytes, must: 40, aim: 20,
                    alula: start.residentMegabytes))
            run.table.add(
                ResultRow(
                    "idle.private", "of it not shared with other processes or the file", .megabytes,
                    alula: start.privateMegabytes))
            run.table.add(
                ResultRow(
                    "idle.processor", "idle processor time, of one core", .percent, must: 1, aim: 0.2,
                    alula: start.idlePercent))
            run.table.add(
                ResultRow(
                    "stop", "SIGTERM → gone, worst", .milliseconds, must: 5000, aim: 1000,
                    alula: start.stopping.max()))
        }
    }

    private mutating func measureEdits() {
        Progress.note("outside edits")
        attempt("edits") { run in
            let edits = try EditMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "edit.median", "outside edit of a store → changed answer at a client, median", .milliseconds,
                    must: 1000, aim: 250, alula: LatencySummary(edits.latencies)?.p50))
            run.table.add(
                ResultRow(
                    "edit.worst", "the same, worst of \(edits.latencies.count)", .milliseconds, must: 1000, aim: 250,
                    alula: edits.latencies.max()))
            if edits.missed > 0 { run.notes.append("\(edits.missed) edits were not announced within 3 s") }
        }
    }

    private mutating func measureLoad() {
        Progress.note("64 callers, and a thousand at once")
        attempt("load") { run in
            let load = try LoadMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "load.hello", "WebSocket connect → hello, 64 callers and warms beside it, p99", .milliseconds,
                    must: 100, aim: 20, alula: load.hello?.p99))
            run.table.add(
                ResultRow(
                    "load.healthz", "/healthz beside them, p99", .milliseconds, must: 20, aim: 10,
                    alula: load.healthz?.p99))
            run.table.add(
                ResultRow(
                    "load.burst", "1,000 connects in one instant → last hello", .milliseconds, must: 1000, aim: 1000,
                    alula: load.burstMilliseconds))
            if load.unanswered > 0 { run.notes.append("\(load.unanswered) questions under load had no answer") }
            if load.unansweredInBurst > 0 {
                run.notes.append("\(load.unansweredInBurst) of the 1,000 clients at once were not served")
            }
        }
    }

    /// A third of what the reference takes on two cores, and twice its rate.
    private mutating func measureGateway() {
        Progress.note("a client's calls, pipelined calls, idle connections")
        attempt("gateway") { run in
            let gateway = try GatewayMeasurement.run(settings: run.settings)
            for (call, must) in [("connect", 1.6), ("health", 0.123), ("models.list", 0.733), ("config.get", 5.9)] {
                let title = call == "connect" ? "one client: connect → hello" : "one client: \(call)"
                let summary = gateway.latencies[call].flatMap { LatencySummary($0) }
                run.table.add(
                    ResultRow("gateway.\(call).p50", "\(title), p50", .milliseconds, must: must, alula: summary?.p50))
                run.table.add(ResultRow("gateway.\(call).p99", "\(title), p99", .milliseconds, alula: summary?.p99))
            }
            run.table.add(
                ResultRow(
                    "gateway.pipelined", "pipelined system-presence calls", .perSecond, must: 58_000,
                    alula: gateway.pipelinedPerSecond))
            run.table.add(
                ResultRow(
                    "gateway.connection", "resident memory of an idle connection", .kilobytes, must: 9.5,
                    alula: gateway.kilobytesPerConnection))
            run.notes += gateway.problems
        }
    }

    private mutating func measureFollowers() {
        let (count, megabytes) = (FollowerMeasurement.followerCount, FollowerMeasurement.logMegabytes)
        let title = "\(count) followers of a \(megabytes) MB log"
        Progress.note(title)
        attempt("followers") { run in
            let followers = try FollowerMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "followers.p99", "\(title), all at once: answer, p99", .milliseconds, must: 100,
                    alula: LatencySummary(followers.answers)?.p99))
            run.table.add(
                ResultRow(
                    "followers.health", "health of another client between them, worst", .milliseconds, must: 20,
                    alula: followers.health.max()))
            run.table.add(
                ResultRow(
                    "followers.processor", "processor time of the gateway for all of them, of one core", .percent,
                    alula: followers.processorPercent))
            run.table.add(
                ResultRow(
                    "followers.resident", "resident memory that following added", .megabytes, must: 10,
                    alula: followers.addedMegabytes))
            if followers.missedLines > 0 { run.notes.append("followers missed \(followers.missedLines) lines") }
        }
    }

    private mutating func measureSize() {
        var status = stat()
        guard let stripped = settings.stripped, stat(stripped, &status) == 0 else { return }
        table.add(
            ResultRow(
                "size", "release binary, stripped, static runtime", .megabytes, must: 60, aim: 25,
                alula: Double(status.st_size) / 1e6))
    }

    mutating func attempt(_ what: String, _ work: (inout BenchmarkRun) throws -> Void) {
        do {
            try work(&self)
        } catch let error as BenchmarkError {
            notes.append("\(what): \(error.message)")
            Progress.note("\(what): \(error.message)")
        } catch {
            notes.append("\(what): \(error)")
            Progress.note("\(what): \(error)")
        }
    }
}
