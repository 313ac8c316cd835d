import AlulaJSON
import AlulaSoaking
import Testing

struct SoakOutcomeTests {
    private static let faultIDs = ["fifo-store", "worker-kill"]

    /// A run in which everything happened once and nothing was wrong.
    private static func tally() -> SoakTally {
        var tally = SoakTally()
        for activity in SoakActivity.allCases { tally.count(activity) }
        for id in faultIDs { tally.count(fault: id) }
        tally.judged(nil)
        return tally
    }

    private static func finding(_ fault: SoakTally.Fault) -> SoakTally.Finding {
        SoakTally.Finding(
            seconds: 12.34, fault: fault, question: "client 7: models.list for main", detail: "it is empty")
    }

    private func outcome(
        _ tally: SoakTally, leaks: [String] = [], others: [String] = [], grownKilobytes: Int = 0
    ) -> SoakOutcome {
        let baseline = SoakSample(
            seconds: 60, privateKilobytes: 12_000, residentKilobytes: 40_000, descriptors: 24, sockets: 2, threads: 20,
            children: 0, watches: 70, connections: 1000)
        var end = baseline
        end.privateKilobytes += grownKilobytes
        end.connections = 2000
        return SoakOutcome(
            seed: 42, seconds: 600, agents: 60, processors: 2, build: "release", tally: tally, faultIDs: Self.faultIDs,
            baseline: baseline, end: end, load: [], leaks: leaks, slowestRecoveryMilliseconds: 700, others: others)
    }

    @Test func isSoundWhenEverythingHappenedAndNothingWasWrong() throws {
        let outcome = outcome(Self.tally())
        #expect(outcome.problems.isEmpty)
        #expect(outcome.document["sound"]?.bool == true)
        #expect(outcome.page.contains("| wrong | 0 |"))
        #expect(!outcome.page.contains("What was wrong"))
    }

    @Test(arguments: SoakTally.Fault.allCases) func isNotSoundAfterOneAnswerThatWasNotRight(_ fault: SoakTally.Fault) {
        var tally = Self.tally()
        tally.judged(Self.finding(fault))
        let outcome = outcome(tally)
        #expect(outcome.problems == ["after 12.3 s, \(fault.rawValue): client 7: models.list for main: it is empty"])
        #expect(outcome.document[fault.rawValue]?.integer == 1)
    }

    @Test func countsMoreThanItTells() {
        var tally = Self.tally()
        for _ in 0..<500 { tally.add(Self.finding(.lost)) }
        #expect(outcome(tally).problems.count == 21)
        #expect(outcome(tally).problems.last == "and 480 more answers that were not right")
        #expect(outcome(tally).document["lost"]?.integer == 500)
    }

    @Test func isNotSoundWhenSomethingIsLeftBehind() {
        #expect(outcome(Self.tally(), leaks: ["a socket"]).problems == ["left behind: a socket"])
        #expect(outcome(Self.tally(), others: ["it printed: Fatal error"]).problems == ["it printed: Fatal error"])
        #expect(outcome(Self.tally(), grownKilobytes: 9000).problems.count == 1)
    }

    @Test(arguments: SoakActivity.allCases) func isNotSoundWhenSomethingNeverHappened(_ missing: SoakActivity) {
        var tally = SoakTally()
        for activity in SoakActivity.allCases where activity != missing { tally.count(activity) }
        for id in Self.faultIDs { tally.count(fault: id) }
        tally.judged(nil)
        #expect(outcome(tally).problems == ["it never came to this: \(missing.rawValue)"])
    }

    @Test func isNotSoundWhenItDidNothing() {
        let problems = outcome(SoakTally()).problems
        #expect(problems.count == SoakActivity.allCases.count + Self.faultIDs.count + 1)
        #expect(problems.contains("it never came to this: fault worker-kill"))
    }
}
