import AlulaJSON
import AlulaPrimitives

/// What the upper part of the screen says: pairs of a name and a few words.
struct TopFacts {
    /// A name and what there is to say.
    typealias Fact = (name: String, cells: [TextTable.Cell])

    let history: TopHistory
    let usesUnicode: Bool
    /// For the clock of instants that are far away.
    let clock: (Timestamp) -> String

    private var sample: TopSample? { history.sample }
    private var warm: JSONValue? { sample?.warm }

    /// - Parameter width: Columns that a fact's words may take.
    func all(width: Int) -> [Fact] {
        [process, prepared, lastWarm, warmTrouble, lateness(width: width), clients, configuration].compactMap { $0 }
    }

    private func ago(_ instant: Timestamp?) -> String? {
        guard let instant, let now = sample?.at else { return nil }
        return "\(TopWords.age(now.duration(since: instant))) ago"
    }

    private var process: Fact? {
        guard let counters = sample?.counters else { return nil }
        var parts: [String] = []
        if let started = sample?.startedAt, let now = sample?.at {
            parts.append("up \(TopWords.age(now.duration(since: started)))")
        }
        if let bytes = counters.residentBytes { parts.append("memory \(TopWords.bytes(bytes))") }
        if let share = history.processorShare { parts.append("processor \(TopWords.number(share * 100)) %") }
        if let files = counters.openFiles {
            parts.append(
                "files \(TopWords.number(files))" + (counters.maximumFiles.map { " of \(TopWords.number($0))" } ?? ""))
        }
        return parts.isEmpty ? nil : ("Process", [.init(parts.joined(separator: ", "))])
    }

    private var prepared: Fact? {
        guard let warm, warm.object != nil else { return nil }
        let generation = warm["generation"]?.integer ?? 0
        guard generation > 0 || warm["preparedAt"] != nil else {
            return ("Prepared", [.init("nothing yet", .uncertain)])
        }
        var cells: [TextTable.Cell] = [.init("generation \(generation)")]
        if let age = ago(warm["preparedAt"]?.boundedInstant) { cells.append(.init(", \(age)")) }
        if let source = warm["gatheredBy"]?.string { cells.append(.init(", by \(source)")) }
        if warm["stale"]?.bool == true { cells.append(.init(", stale", .uncertain)) }
        if let waiting = warm["dirtySources"]?.integer, waiting > 0 {
            cells.append(.init(", \(waiting) \(waiting == 1 ? "source" : "sources") to read again"))
        }
        return ("Prepared", cells)
    }

    private var lastWarm: Fact? {
        guard let warm, let now = sample?.at else { return nil }
        if warm["state"]?.string == "running" {
            let since =
                warm["runningSince"]?.boundedInstant.map { " for \(TopWords.age(now.duration(since: $0)))" } ?? ""
            return ("Warm", [.init("running", .uncertain), .init(" (\(warm["trigger"]?.string ?? "warm"))\(since)")])
        }
        guard let result = warm["lastResult"], let outcome = result["outcome"]?.string else { return nil }
        var words = result["trigger"]?.string.map { " (\($0))" } ?? ""
        if let took = result["durationMs"]?.double { words += " in \(TopWords.milliseconds(took))" }
        if let age = ago(result["endedAt"]?.boundedInstant) { words += ", \(age)" }
        if let late = result["eventLoopMaxMs"]?.double { words += ", loops \(TopWords.milliseconds(late)) late" }
        if let code = result["errorCode"]?.string { words += ": \(code)" }
        return ("Warm", [.init(outcome, outcome == "ok" ? .good : .bad), .init(words)])
    }

    private var warmTrouble: Fact? {
        guard let attempts = warm?["failedAttempts"]?.integer, attempts > 0, let now = sample?.at else { return nil }
        let next =
            warm?["nextRetryAt"]?.boundedInstant.map { ", again in \(TopWords.age($0.duration(since: now)))" } ?? ""
        return ("Retry", [.init("failed \(attempts) \(attempts == 1 ? "time" : "times")", .bad), .init(next)])
    }

    private func lateness(width: Int) -> Fact? {
        guard history.points.contains(where: { $0.lateness != nil }) else { return nil }
        var words = history.lateness.map { " \(TopWords.lateness($0)) now" } ?? " "
        if let worst = history.worstLateness, history.points.count > 1 {
            words += ", at most \(TopWords.lateness(worst)) in \(TopWords.age(history.span))"
        }
        var cells: [TextTable.Cell] = []
        let room = min(40, width - words.displayWidth)
        if room >= 4 {
            let line = Sparkline(values: history.points.map { $0.lateness?.milliseconds })
            cells += line.cells(width: room, usesUnicode: usesUnicode)
        }
        cells.append(.init(cells.isEmpty ? String(words.dropFirst()) : words))
        if sample?.loops?["degraded"]?.bool == true { cells.append(.init(", degraded", .bad)) }
        if history.newStalls > 0 { cells.append(.init(", stalls \(TopWords.number(history.newStalls))", .bad)) }
        return ("Lateness", cells)
    }

    private var clients: Fact? {
        let counters = sample?.counters
        let present = sample?.clients ?? []
        var parts: [String] = []
        if let admitted = counters?.admitted { parts.append("\(TopWords.number(admitted)) connected") }
        if let waiting = counters?.waiting, waiting > 0 { parts.append("\(TopWords.number(waiting)) not let in yet") }
        if let silent = counters?.silent, silent > 0 { parts.append("\(TopWords.number(silent)) silent") }
        let modes = Dictionary(grouping: present, by: \.mode).map {
            ($0.key.isEmpty ? "unnamed" : $0.key, $0.value.count)
        }
        parts += modes.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { "\($0.1) \($0.0)" }
        return parts.isEmpty ? nil : ("Clients", [.init(parts.joined(separator: ", "))])
    }

    private var configuration: Fact? {
        guard let reload = sample?.configuration else { return nil }
        var parts: [String] = []
        if let problems = reload["problems"]?.integer, problems > 0 {
            parts.append("\(problems) \(problems == 1 ? "problem" : "problems"), see alula config validate")
        }
        let stale = reload["staleParts"]?.array?.compactMap { $0.string ?? $0["part"]?.string } ?? []
        if !stale.isEmpty { parts.append("not followed by \(stale.joined(separator: ", "))") }
        if let status = reload["hotReloadStatus"]?.string, status != "ok" { parts.append(status) }
        return parts.isEmpty ? nil : ("Config", [.init(parts.joined(separator: "; "), .uncertain)])
    }
}
