import AlulaPrimitives
import Testing

@testable import AlulaDiagnostics

struct LivenessReporterTests {
    private let busy = LivenessReporter.Work(active: 1)

    private func sample(late: Duration, utilization: Double = 0.5, cpu: Double = 0.25) -> ResponsivenessSample {
        var lateness = LatenessHistogram()
        for _ in 0..<10 { lateness.record(late) }
        return ResponsivenessSample(
            interval: .seconds(30), lateness: lateness, utilization: utilization, cpuCores: cpu)
    }

    private var bad: ResponsivenessSample { sample(late: .milliseconds(1500)) }

    @Test func keepsQuietInTheFirstMinuteAndForTwoMinutesAfterALine() {
        var reporter = LivenessReporter()
        var lines: [Int] = []
        for second in [30, 59, 60, 90, 179, 180, 299, 300]
        where reporter.line(for: bad, work: busy, uptime: .seconds(second)) != nil {
            lines.append(second)
        }
        #expect(lines == [60, 180, 300])
    }

    @Test func saysNothingOfAGoodState() {
        var reporter = LivenessReporter()
        #expect(reporter.line(for: sample(late: .milliseconds(999)), work: busy, uptime: .seconds(90)) == nil)
    }

    @Test func countsLoadWithoutDelay() {
        var reporter = LivenessReporter()
        let line = reporter.line(
            for: sample(late: .zero, utilization: 0.99, cpu: 1.5), work: busy, uptime: .seconds(90))
        #expect(line?.text.hasPrefix("liveness warning: reasons=event_loop_utilization,cpu interval=30s ") == true)
        #expect(line?.isWarning == false)
    }

    @Test func warnsOnlyWhenSomebodyWaits() {
        func isWarning(_ work: LivenessReporter.Work, late: Duration = .milliseconds(1500)) -> Bool? {
            var reporter = LivenessReporter()
            return reporter.line(for: sample(late: late, cpu: 1), work: work, uptime: .seconds(100))?.isWarning
        }
        #expect(isWarning(.init()) == false)
        #expect(isWarning(.init(active: 1)) == true)
        #expect(isWarning(.init(active: 1), late: .milliseconds(10)) == false)
        #expect(isWarning(.init(queued: 2), late: .milliseconds(10)) == true)
        #expect(isWarning(.init(waiting: 1), late: .milliseconds(10)) == true)
    }

    @Test func aLineForDebuggingKeepsNoWarningBack() {
        var reporter = LivenessReporter()
        #expect(reporter.line(for: bad, work: .init(), uptime: .seconds(60))?.isWarning == false)
        #expect(reporter.line(for: bad, work: busy, uptime: .seconds(90))?.isWarning == true)
        #expect(reporter.line(for: bad, work: .init(), uptime: .seconds(120)) == nil)
        #expect(reporter.line(for: bad, work: busy, uptime: .seconds(180)) == nil)
    }

    // The work that runs when the line is written is not what held a thread up before.
    @Test(.bug(id: "B14")) func namesWhatHeldAThreadUpApartFromWhatRunsNow() {
        var reporter = LivenessReporter()
        let stall = StallReport(
            thread: "event-loop-0", work: "load configuration", overdue: .milliseconds(101),
            duration: .milliseconds(1500), at: Timestamp(milliseconds: 1_780_000_000_000))
        let line = reporter.line(
            for: bad, work: .init(active: 2, queued: 1, labels: ["read a file"]), stalls: [stall], uptime: .seconds(90))
        let expected = """
            liveness warning: reasons=event_loop_delay interval=30s eventLoopDelayP99Ms=1500.0 \
            eventLoopDelayMaxMs=1500.0 eventLoopUtilization=0.5 cpuCoreRatio=0.25 active=2 waiting=0 queued=1 \
            work=[read a file] heldUp=[event-loop-0:load configuration:1500ms]
            """
        #expect(line?.text == expected)
    }
}
