import AlulaFleet
import AlulaMeasuring
import AlulaRunning

extension BenchmarkRun {
    /// Timeouts, whose naive counterpart is the naive gateway's timer under the same faults.
    mutating func measureDeadlines() {
        attempt("timeouts") { run in
            let deadlines = try DeadlineMeasurement.run(settings: run.settings)
            let naive = run.lateness.filter { $0.contender == .naive && $0.fault != .none }
            let summary = LatencySummary(deadlines.lateness)
            let title = "a timeout fires late by, \(deadlines.lateness.count) clients, a FIFO, a hanging helper, warms"
            run.table.add(
                ResultRow(
                    "deadlines.worst", "\(title): worst", .milliseconds, must: 20, aim: 5, alula: summary?.maximum,
                    naive: naive.compactMap(\.ownWorstMilliseconds).max()))
            run.table.add(
                ResultRow("deadlines.p99", "the same: p99", .milliseconds, must: 20, aim: 5, alula: summary?.p99))
            run.table.add(
                ResultRow(
                    "deadlines.early", "clients that were let go too early, otherwise, or never", .count, must: 0,
                    alula: Double(deadlines.early + deadlines.unanswered)))
            if deadlines.proberWorstMilliseconds > 5 {
                let late = Int(deadlines.proberWorstMilliseconds.rounded())
                run.notes.append("timeouts: the prober itself asked up to \(late) ms late")
            }
        }
    }

    /// A naive gateway would send every process's copy of the token, and lose the login with the second.
    mutating func measureRefresh() {
        let title = "OAuth, 16 processes × 8 agents on one rotating token"
        Progress.note(title)
        attempt("refresh") { run in
            let calm = try RefreshMeasurement.run(rounds: run.settings.isQuick ? 3 : 10, settings: run.settings)
            run.table.add(
                ResultRow(
                    "refresh.exchanges", "\(title): most exchanges in one of \(calm.rounds) rounds", .count, must: 1,
                    alula: Double(calm.mostExchanges)))
            run.table.add(
                ResultRow(
                    "refresh.failed", "the same: failed of \(calm.calls) calls", .count, must: 0,
                    alula: Double(calm.failedCalls)))
            run.table.add(
                ResultRow(
                    "refresh.wall", "the same: until all of a round have their token, median", .milliseconds,
                    alula: LatencySummary(calm.milliseconds)?.p50))
            let kills = run.settings.killedRenewals
            let killed = try RefreshMeasurement.run(rounds: kills, killing: true, settings: run.settings)
            run.table.add(
                ResultRow(
                    "refresh.killed",
                    "the same with kill -9 in the middle, \(kills) rounds: failed of \(killed.calls) calls", .count,
                    must: 0, alula: Double(killed.failedCalls)))
            run.notes.append(
                "refresh: \(killed.killed) processes were killed before their end, \(killed.killedInExchange) of them "
                    + "with the provider's answer on the way")
        }
    }

    mutating func measureReloads() {
        let title = "\(settings.reloadCount) reloads under load, half of the files invalid or half written"
        Progress.note(title)
        attempt("reloads") { run in
            let reloads = try ReloadMeasurement.run(settings: run.settings)
            run.table.add(
                ResultRow(
                    "reloads.failed", "\(title): failed of \(reloads.calls) calls", .count, must: 0,
                    alula: Double(reloads.failedCalls)))
            run.table.add(
                ResultRow(
                    "reloads.dropped", "the same: dropped of 64 connections that stay", .count, must: 0,
                    alula: Double(reloads.droppedSockets)))
            run.table.add(
                ResultRow(
                    "reloads.timer", "the same: worst lateness of a timer, by its own clock", .milliseconds, must: 50,
                    aim: 10, alula: reloads.ownWorstMilliseconds))
            run.table.add(
                ResultRow(
                    "reloads.healthz", "the same: /healthz from outside, p99", .milliseconds, must: 20, aim: 10,
                    alula: reloads.healthz?.p99))
            run.notes += reloads.problems.map { "reloads: \($0)" }
            run.notes.append(
                "reloads: \(reloads.reloads) in all, \(reloads.refused) with a text that could not be used")
        }
    }
}
