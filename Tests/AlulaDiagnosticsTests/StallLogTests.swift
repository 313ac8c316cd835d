import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaDiagnostics

struct StallLogTests {
    private let time = Timestamp(milliseconds: 1_780_000_000_000)

    private func report(_ milliseconds: Int) -> StallReport {
        StallReport(thread: "event-loop-0", work: nil, overdue: .milliseconds(milliseconds), at: time)
    }

    @Test func keepsTheLastAndCountsAll() {
        var log = StallLog()
        for index in 0..<100 { log.append(report(index)) }
        #expect(log.reports.count == StallLog.maximum)
        #expect(log.reports.last?.overdue == .milliseconds(99))
        #expect(log.total == 100)
    }

    @Test func changesAStallByItsNumber() {
        var log = StallLog()
        let first = log.append(report(0))
        for index in 1..<StallLog.maximum { log.append(report(index)) }
        #expect(log.amend(first) { $0.duration = .seconds(2) }?.duration == .seconds(2))
        #expect(log.reports.first?.duration == .seconds(2))
        let last = log.append(report(100))
        #expect(log.amend(first) { $0.duration = .seconds(3) } == nil)
        #expect(log.amend(last) { $0.work = "hash" }?.overdue == .milliseconds(100))
        #expect(log.amend(last + 1) { $0.work = "none" } == nil)
    }

    @Test func findsWhatIsNewerThanANumber() {
        var log = StallLog()
        #expect(log.reports(after: 0).isEmpty)
        for index in 1...40 { log.append(report(index)) }
        #expect(log.reports(after: 38).map(\.overdue) == [.milliseconds(39), .milliseconds(40)])
        #expect(log.reports(after: 40).isEmpty)
        #expect(log.reports(after: 90).isEmpty)
        #expect(log.reports(after: 0).count == StallLog.maximum)
    }

    @Test func showsWhatIsKnown() {
        var report = report(101)
        #expect(report.summary == "event-loop-0:unnamed:101ms")
        #expect(report.payload["work"] == nil)
        #expect(report.payload["durationMs"] == nil)
        report.activity = .waitingForDisk
        #expect(report.summary == "event-loop-0:waiting_for_disk:101ms")
        report.work = "load configuration"
        report.systemName = "NIO-ELT-0-#0"
        report.duration = .seconds(34)
        #expect(report.summary == "event-loop-0:load configuration:34000ms")
        #expect(report.payload["work"] == "load configuration")
        #expect(report.payload["systemName"] == "NIO-ELT-0-#0")
        #expect(report.payload["activity"] == "waiting_for_disk")
        #expect(report.payload["overdueMs"] == 101)
        #expect(report.payload["durationMs"] == 34_000)
    }
}
