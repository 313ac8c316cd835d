import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaDiagnostics

struct LatenessHistogramTests {
    @Test func percentilesErrUpwardsByASixteenthAtMost() {
        var histogram = LatenessHistogram()
        for milliseconds in 1...1000 { histogram.record(.milliseconds(milliseconds)) }
        for (share, exact) in [(0.5, 500.0), (0.99, 990.0), (0.999, 999.0), (1.0, 1000.0)] {
            let found = histogram.percentile(share).seconds * 1000
            #expect(found >= exact && found <= exact * 1.0626, "\(share): \(found)")
        }
        #expect(histogram.maximum == .seconds(1))
        #expect(histogram.count == 1000)
    }

    @Test(arguments: [
        Duration.zero, .microseconds(1), .microseconds(15), .microseconds(16), .milliseconds(7), .seconds(7200),
    ])
    func oneValueIsEveryPercentile(_ value: Duration) {
        var histogram = LatenessHistogram()
        histogram.record(value)
        #expect(histogram.percentile(0) == value)
        #expect(histogram.percentile(1) == value)
    }

    @Test func earlyCountsAsOnTimeAndMergingAdds() {
        var one = LatenessHistogram()
        one.record(.milliseconds(-5))
        var two = LatenessHistogram()
        two.record(.milliseconds(80))
        one.merge(two)
        #expect(one.count == 2)
        #expect(one.percentile(0.5) <= .microseconds(1))
        #expect(one.maximum == .milliseconds(80))
        one.reset()
        #expect(one == LatenessHistogram())
    }
}

struct ResponsivenessReportTests {
    private func sample(
        _ interval: Duration, p99: Int = 0, maximum: Int, utilization: Double, cpu: Double
    ) -> ResponsivenessSample {
        var lateness = LatenessHistogram()
        if p99 > 0 { for _ in 0..<100 { lateness.record(.milliseconds(p99)) } }
        lateness.record(.milliseconds(maximum))
        return ResponsivenessSample(interval: interval, lateness: lateness, utilization: utilization, cpuCores: cpu)
    }

    // upstream: 10.8 1, 10.8 2, 10.8 3, 10.8 4, 10.8 5, 10.8 6, 10.8 7
    @Test(
        arguments: [
            (Duration.milliseconds(250), 0, 30, 0.99, 0.95, []),
            (.seconds(1), 0, 20, 0.99, 0.95, []),
            (.seconds(1), 0, 25, 0.99, 0.95, [.utilization, .cpu]),
            (.seconds(1), 0, 25, 0.95, 0.1, [.utilization]),
            (.seconds(1), 0, 25, 0.2, 0.9, [.cpu]),
            (.seconds(1), 30, 30, 0.5, 0.5, []),
            (.milliseconds(42), 0, 1500, 0.1, 0.1, [.delay]),
        ] as [(Duration, Int, Int, Double, Double, [ResponsivenessReport.Reason])])
    func judgesDelayInAnyIntervalAndLoadOnlyWithEvidence(
        _ interval: Duration, _ p99: Int, _ maximum: Int, _ utilization: Double, _ cpu: Double,
        _ expected: [ResponsivenessReport.Reason]
    ) {
        let sample = sample(interval, p99: p99, maximum: maximum, utilization: utilization, cpu: cpu)
        #expect(ResponsivenessReport.reasons(sample) == expected)
    }

    @Test(arguments: [
        (Duration.milliseconds(250), 0.95, 0.1, [ResponsivenessReport.Reason.utilization]),
        (.seconds(30), 0.94, 0.9, [.cpu]), (.seconds(30), 0.94, 0.89, []),
    ])
    func countsLoadAloneWhereNoEvidenceIsNeeded(
        _ interval: Duration, _ utilization: Double, _ cpu: Double, _ expected: [ResponsivenessReport.Reason]
    ) {
        let sample = sample(interval, maximum: 0, utilization: utilization, cpu: cpu)
        #expect(ResponsivenessReport.reasons(sample, needsEvidence: false) == expected)
        #expect(ResponsivenessReport.reasons(sample) == [])
    }

    @Test func showsTheProtocolsShape() {
        let report = ResponsivenessReport(sample(.seconds(2), maximum: 1234, utilization: 0.98765, cpu: 0.12345))
        #expect(report.payload["degraded"] == true)
        #expect(report.payload["reasons"] == ["event_loop_delay", "event_loop_utilization"])
        #expect(report.payload["intervalMs"] == 2000)
        #expect(report.payload["delayMaxMs"] == 1234)
        #expect(report.payload["utilization"] == .number(0.988))
        #expect(report.payload["cpuCoreRatio"] == .number(0.123))
    }
}

struct ResponsivenessMonitorTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    private func histogram(_ milliseconds: Int) -> LatenessHistogram {
        var histogram = LatenessHistogram()
        histogram.record(.milliseconds(milliseconds))
        return histogram
    }

    private func ask(
        _ monitor: inout ResponsivenessMonitor, after milliseconds: Int, late: Int, load: Double = 0.1
    ) -> (report: ResponsivenessReport?, startsAnew: Bool, didSample: Bool) {
        var didSample = false
        let answer = monitor.report(after: .milliseconds(milliseconds), at: now, lateness: histogram(late)) {
            didSample = true
            return ResponsivenessSample(
                interval: .milliseconds(milliseconds), lateness: histogram(late), utilization: load, cpuCores: load)
        }
        return (answer.report, answer.startsAnew, didSample)
    }

    // upstream: 10.8 8, 10.8 11
    @Test func saysNothingBeforeTheFirstIntervalIsOver() {
        var monitor = ResponsivenessMonitor()
        let early = ask(&monitor, after: 42, late: 3)
        #expect(early.report == nil)
        #expect(!early.didSample)
        let full = ask(&monitor, after: 1000, late: 3)
        #expect(full.report?.isDegraded == false)
        #expect(full.startsAnew)
    }

    // upstream: 10.8 9
    @Test func loadWithEvidenceIsReportedAfterASecond() {
        var monitor = ResponsivenessMonitor()
        let answer = ask(&monitor, after: 1000, late: 30, load: 0.99)
        #expect(answer.report?.reasons == [.utilization, .cpu])
        #expect(answer.report?.degradedSince == now)
    }

    // upstream: 10.8 10
    @Test func aLongDelayIsReportedAtOnce() {
        var monitor = ResponsivenessMonitor()
        #expect(ask(&monitor, after: 42, late: 1500).report?.reasons == [.delay])
    }

    // upstream: 10.8 12, 10.8 13
    @Test func withinAnIntervalTheLastAnswerIsGivenAndEvidenceIsKept() {
        var monitor = ResponsivenessMonitor()
        let first = ask(&monitor, after: 1000, late: 3)
        let again = ask(&monitor, after: 250, late: 40, load: 0.99)
        #expect(again.report == first.report)
        #expect(!again.didSample)
        #expect(!again.startsAnew)
        #expect(ask(&monitor, after: 1000, late: 40, load: 0.99).report?.isDegraded == true)
    }

    // upstream: 10.8 14
    @Test func aStoppedMonitorReportsNothing() {
        var monitor = ResponsivenessMonitor()
        _ = ask(&monitor, after: 1000, late: 3)
        monitor.stop()
        let answer = ask(&monitor, after: 5000, late: 3)
        #expect(answer.report == nil)
        #expect(!answer.startsAnew)
    }
}
