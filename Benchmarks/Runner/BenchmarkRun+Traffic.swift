import AlulaMeasuring
import AlulaRunning

extension BenchmarkRun {
    /// Calls to models, through the gateway and without it.
    mutating func measureTraffic() {
        Progress.note("calls to a model, through the gateway and without it")
        attempt("calls to a model") { run in
            let calls = try CallMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "traffic.added", "a call to a model, one client: added to the median", .milliseconds, must: 0.5,
                    aim: 0.2, alula: calls.addedMilliseconds))
            run.table.add(
                ResultRow(
                    "traffic.processor", "the same at 16 connections: processor time a call", .microseconds, must: 350,
                    aim: 120, alula: calls.processorMicroseconds))
            run.table.add(
                ResultRow(
                    "traffic.wrong", "of \(calls.tally.calls) calls: without an answer, or with a wrong one", .count,
                    must: 0, alula: Double(calls.tally.wrong)))
            run.traffic += calls.lines
            if let direct = calls.direct, let proxied = calls.proxied {
                func added(_ quantity: KeyPath<LatencySummary, Double>) -> String {
                    ResultRow("", "", .milliseconds).text(proxied[keyPath: quantity] - direct[keyPath: quantity])
                }
                run.notes.append(
                    "a call to a model, one client: adds \(added(\.p50)) to the median of \(direct.p50) ms, "
                        + "\(added(\.p99)) to p99, \(added(\.p999)) to p99.9")
            }
            run.notes += calls.problems
            if let problem = calls.tally.problem { run.notes.append("a call to a model: \(problem)") }
        }
        measureCallsDuringWarms()
        measureStreams()
        measureEndings()
    }

    private mutating func measureCallsDuringWarms() {
        Progress.note("calls to a model while the gateway warms")
        attempt("calls during warms") { run in
            let calls = try BusyCallMeasurement.run(settings: run.settings)
            let title =
                "a call at \(BusyCallMeasurement.connections) connections, \(calls.warmCount) warms of "
                + "\(run.settings.agentCount) agents beside it, a FIFO or a hanging helper: p99"
            run.table.add(ResultRow("traffic.busy", title, .milliseconds, alula: calls.busy?.p99))
            run.table.add(
                ResultRow(
                    "traffic.busy.quiet", "the same before the first of these warms", .milliseconds,
                    alula: calls.quiet?.p99))
            run.table.add(
                ResultRow(
                    "traffic.busy.wrong", "of these \(calls.tally.calls) calls: without an answer, or with a wrong one",
                    .count, must: 0, alula: Double(calls.tally.wrong)))
            if let problem = calls.tally.problem { run.notes.append("a call during warms: \(problem)") }
        }
    }

    private mutating func measureStreams() {
        let title = "\(StreamMeasurement.streamCount) open streams, one word a second each"
        Progress.note(title)
        attempt("open streams") { run in
            let streams = try StreamMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "traffic.streams.memory", "\(title): memory that they add", .megabytes, must: 40, aim: 15,
                    alula: streams.addedMegabytes))
            run.table.add(
                ResultRow(
                    "traffic.streams.processor", "the same: processor time, of one core", .percent, must: 15, aim: 8,
                    alula: streams.processorPercent))
            run.table.add(
                ResultRow(
                    "traffic.streams.word", "the same: from the provider's word to the client's, p99", .milliseconds,
                    alula: streams.words?.p99))
            if streams.failures > 0 {
                run.notes.append("open streams: \(streams.failures) failed: \(streams.problem ?? "no reason")")
            }
        }
    }

    private mutating func measureEndings() {
        Progress.note("callers who hang up, SIGTERM, hung calls")
        attempt("callers who hang up") { run in
            let hangUps = try HangUpMeasurement.run(settings: run.settings)
            let count = hangUps.latencies.count + hangUps.missed
            run.table.add(
                ResultRow(
                    "traffic.hangUp", "caller hangs up → the provider's work is cancelled, worst of \(count)",
                    .milliseconds, must: 100, aim: 10, alula: hangUps.missed == 0 ? hangUps.latencies.max() : nil))
            if hangUps.missed > 0 { run.notes.append("\(hangUps.missed) calls outlived their caller by two seconds") }
        }
        attempt("SIGTERM with open streams") { run in
            let stop = try StopMeasurement.run(settings: run.settings)
            let count = StopMeasurement.streamCount
            run.table.add(
                ResultRow(
                    "traffic.stop", "SIGTERM with \(count) open streams → gone", .milliseconds, must: 5000, aim: 1000,
                    alula: stop.milliseconds))
            run.table.add(
                ResultRow(
                    "traffic.untold", "of these streams: broken off without a word", .count, must: 0,
                    alula: Double(stop.untold)))
        }
        attempt("hung calls") { run in
            let hung = try HungMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "traffic.hung", "/healthz beside \(HungMeasurement.callCount) hung calls to a model, p99",
                    .milliseconds, must: 20, aim: 10, alula: hung.healthz?.p99))
            if hung.failures > 0 { run.notes.append("hung calls: \(hung.failures) questions or calls failed") }
        }
    }
}
