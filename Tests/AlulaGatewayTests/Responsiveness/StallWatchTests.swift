import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaGateway

struct StallWatchTests {
    private let loop = TickLane(name: "event-loop-0")
    private let pool = TickLane(name: "cooperative-pool")
    private let catcher = LogCatcher()
    private let watch: StallWatch
    private let start = ContinuousClock.now

    init() {
        watch = StallWatch(lanes: [loop, pool], logger: catcher.logger) { Timestamp(milliseconds: 1_780_000_000_000) }
    }

    private func instant(_ milliseconds: Int) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    private func look(at milliseconds: Int) async throws {
        let instant = instant(milliseconds)
        try await onThread { [watch] in watch.look(at: instant) }
    }

    @Test func looksJustAfterADueTickWouldBeAStall() {
        #expect(watch.nextLook(after: start) == instant(250))
        loop.expectTick(at: instant(20))
        #expect(watch.nextLook(after: start) == instant(121))
        pool.expectTick(at: instant(5))
        #expect(watch.nextLook(after: start) == instant(106))
        loop.expectTick(at: instant(900))
        pool.expectTick(at: instant(901))
        #expect(watch.nextLook(after: start) == instant(250))
    }

    @Test func doesNotSpinOnAStallThatGoesOn() async throws {
        loop.expectTick(at: instant(0))
        #expect(watch.nextLook(after: instant(500)) == instant(501))
        try await look(at: 501)
        #expect(watch.nextLook(after: instant(501)) == instant(751))
    }

    @Test func entersAStallWhileItLastsAndItsLengthWhenItEnds() async throws {
        loop.expectTick(at: instant(0))
        try await look(at: 100)
        #expect(watch.log.total == 0)
        try await look(at: 150)
        #expect(watch.log.reports.map(\.overdue) == [.milliseconds(150)])
        #expect(watch.log.reports.first?.duration == nil)
        try await look(at: 300)
        watch.ended(loop.tick(at: instant(320), measuresThread: true), of: loop)
        #expect(watch.log.total == 1)
        #expect(watch.log.reports.first?.duration == .milliseconds(320))
        #expect(catcher.lines("A thread goes on after it was held up", of: loop.name).isEmpty)
        try await look(at: 330)
        try await look(at: 340)
        let ends = catcher.lines("A thread goes on after it was held up", of: loop.name)
        #expect(ends.map { $0.metadata["duration.ms"] } == ["320"])
        #expect(catcher.lines("A thread was held up", of: loop.name).count == 1)
    }

    @Test func entersAStallThatNobodySawWithoutBlame() async throws {
        loop.expectTick(at: instant(0))
        watch.ended(loop.tick(at: instant(101), measuresThread: true), of: loop)
        let report = try #require(watch.log.reports.first)
        #expect(report.duration == .milliseconds(101))
        #expect(report.work == nil)
        try await look(at: 110)
        #expect(catcher.lines("A thread goes on after it was held up", of: loop.name).count == 1)
    }

    @Test func ticksThatAreALittleLateAreNoStalls() {
        loop.expectTick(at: instant(0))
        watch.ended(loop.tick(at: instant(100), measuresThread: true), of: loop)
        #expect(watch.log.total == 0)
    }

    // A pool is several threads; the one with the longest work is named, whichever came by last.
    @Test(.bug(id: "B14")) func namesTheWorkOfThePoolsThreadThatHasItLongest() async throws {
        let ready = HoldGate()
        let gate = HoldGate()
        defer { gate.open() }
        async let first: Void = onThread { [pool, start] in
            pool.tick(at: start, measuresThread: false)
            WorkRegister.withWork("parse everything") {
                ready.open()
                gate.pass()
            }
        }
        let reported = try await onThread { [pool, watch, start] in
            ready.pass()
            pool.tick(at: start, measuresThread: false)
            pool.expectTick(at: start)
            return WorkRegister.withWork("work of a moment") {
                watch.look(at: start.advanced(by: .milliseconds(200)))
                return watch.log.reports.first
            }
        }
        #expect(reported?.work == "parse everything")
        #if os(Linux)
        #expect(reported?.systemName == "of a test")
        #endif
        gate.open()
        try await first
    }
}
