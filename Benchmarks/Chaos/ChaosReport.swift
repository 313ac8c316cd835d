import AlulaFaults
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs faults in turn, prints the table and writes the results.
enum ChaosReport {
    /// - Returns: Whether nothing was lost, wrong or left behind under any fault.
    static func make(_ settings: ChaosSettings) throws -> Bool {
        let faults = try FaultCatalog.chosen(settings)
        let start = MonotonicTime.now
        var outcomes: [FaultOutcome] = []
        for (place, fault) in faults.enumerated() {
            Progress.note("\(place + 1) of \(faults.count): \(fault.title)", from: "chaos")
            let outcome = try FaultRun.run(fault, settings: settings)
            for remark in outcome.remarks { Progress.note(remark, from: "chaos") }
            outcomes.append(outcome)
        }
        let table = ChaosTable(outcomes: outcomes)
        print("\n\(table.text)\n")
        for remark in outcomes.flatMap(\.remarks) { print("note: \(remark)") }
        let seconds = Int(MonotonicTime.now.milliseconds(since: start) / 1000)
        print("\(seconds) s, \(processors) processors\(settings.isQuick ? ", quick" : "")")
        // Part of a run says nothing about the whole.
        if settings.only.isEmpty, !settings.isQuick { try write(table, seconds: seconds, settings) }
        return outcomes.allSatisfy { $0.isSound || $0.isSkipped }
    }

    private static var processors: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private static func write(_ table: ChaosTable, seconds: Int, _ settings: ChaosSettings) throws {
        try TextFile.makeDirectory(settings.results)
        let document: JSONValue = [
            "faults": .array(table.outcomes.map(\.document)), "processors": .number(processors),
            "agents": .number(settings.agentCount), "seconds": .number(seconds),
        ]
        try TextFile.write(document.text(.pretty) + "\n", to: "\(settings.results)/chaos.json", mode: 0o644)
        let summary = ChaosSummary(outcomes: table.outcomes)
        let page = """
            # Chaos

            Written by `make chaos`, on a machine with \(processors) processors, which gateway, prober and judge share. \(seconds) s.

            \(summary.promises)
            \(table.markdown)
            """
        try TextFile.write(page, to: "\(settings.results)/chaos.md", mode: 0o644)
        if let readme = settings.readme {
            try MarkedText.replace("chaos", in: readme, with: "\(summary.promises)\n\(summary.markdown)")
        }
    }
}
