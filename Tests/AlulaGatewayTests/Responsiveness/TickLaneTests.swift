import AlulaDiagnostics
import AlulaSystem
import Testing

@testable import AlulaGateway

struct TickLaneTests {
    private let lane = TickLane(name: "event-loop-0")
    private let start = ContinuousClock.now

    private func instant(_ milliseconds: Int) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    @discardableResult
    private func tick(due: Int, at now: Int) -> TickLane.Tick {
        lane.expectTick(at: instant(due))
        return lane.tick(at: instant(now), measuresThread: true)
    }

    @Test func countsHowLateTicksAre() {
        tick(due: 20, at: 20)
        #expect(tick(due: 40, at: 75).lateness == .milliseconds(35))
        let histogram = lane.histogram(for: .health, at: instant(80))
        #expect(histogram.count == 2)
        #expect(histogram.maximum == .milliseconds(35))
    }

    @Test func countsNothingThatWasNotExpected() {
        lane.tick(at: start, measuresThread: true)
        #expect(lane.histogram(for: .health, at: instant(500)).count == 0)
    }

    @Test func countsATickThatIsOverdueBeforeItComes() {
        lane.expectTick(at: instant(20))
        #expect(lane.histogram(for: .health, at: instant(40)).count == 0)
        #expect(lane.histogram(for: .health, at: instant(1520)).maximum == .milliseconds(1500))
    }

    @Test func eachViewStartsAnewByItself() {
        tick(due: 20, at: 50)
        lane.reset(.health)
        #expect(lane.histogram(for: .health, at: instant(50)).count == 0)
        #expect(lane.histogram(for: .liveness, at: instant(50)).maximum == .milliseconds(30))
        #expect(lane.busy(for: .health) == .zero)
        #expect(lane.busy(for: .liveness) > .zero)
    }

    @Test func keepsTheWorstOfEachWindow() {
        tick(due: 20, at: 320)
        lane.open(window: 1)
        tick(due: 340, at: 350)
        lane.open(window: 2)
        tick(due: 370, at: 372)
        #expect(lane.close(window: 1, at: instant(372)) == .milliseconds(10))
        lane.expectTick(at: instant(400))
        #expect(lane.close(window: 2, at: instant(460)) == .milliseconds(60))
        #expect(lane.close(window: 2, at: instant(400)) == .zero)
    }

    @Test func tellsOfAStallOnceAndOfItsEnd() {
        lane.expectTick(at: instant(20))
        #expect(lane.newStall(over: .milliseconds(100), at: instant(120)) == nil)
        let stall = lane.newStall(over: .milliseconds(100), at: instant(121))
        #expect(stall?.overdue == .milliseconds(101))
        #expect(lane.newStall(over: .milliseconds(100), at: instant(900)) == nil)
        #expect(lane.isWaiting(for: instant(20)))
        let tick = lane.tick(at: instant(1020), measuresThread: true)
        #expect(tick.wasNoticed)
        #expect(tick.lateness == .seconds(1))
        #expect(!lane.isWaiting(for: instant(20)))
        lane.expectTick(at: instant(1040))
        #expect(lane.newStall(over: .milliseconds(100), at: instant(1200)) != nil)
    }

    @Test func remembersTheThreadsThatCameByTheLastOnesFirst() async throws {
        lane.tick(at: start, measuresThread: false)
        let other = try await onThread { [lane, start] in
            lane.tick(at: start, measuresThread: false)
            lane.tick(at: start, measuresThread: false)
            return WorkRegister.callingThread
        }
        lane.expectTick(at: start)
        let stall = lane.newStall(over: .zero, at: instant(1))
        #expect(stall?.threads.first == other)
        #expect(stall?.threads.count == 2)
        for _ in 0..<40 { _ = try await onThread { [lane, start] in lane.tick(at: start, measuresThread: false) } }
        lane.expectTick(at: instant(10))
        #expect((lane.newStall(over: .zero, at: instant(11))?.threads.count ?? .max) <= 16)
    }
}
