import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import AlulaGateway

/// Real event loops, held up until somebody has noticed: nothing here depends on how long anything takes.
struct HeldEventLoopTests {
    private let catcher = LogCatcher()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let sampler: ResponsivenessSampler

    init() {
        sampler = ResponsivenessSampler(loops: Array(group.makeIterator()), logger: catcher.logger) {
            Timestamp(milliseconds: 1_780_000_000_000)
        }
    }

    /// Holds the second loop up with named work until the watching thread has said so, and waits for the loop to go on.
    private func holdTheSecondLoopUp() async throws {
        let second = Array(group.makeIterator())[1]
        second.execute { [catcher] in
            WorkRegister.withWork("load everything") {
                _ = catcher.wait(for: "A thread was held up", of: "event-loop-1")
            }
        }
        try await onThread { [catcher] in
            _ = catcher.wait(for: "A thread goes on after it was held up", of: "event-loop-1")
        }
    }

    @Test(.bug(id: "B14"), .timeLimit(.minutes(1)))
    func namesTheWorkThatHeldALoopUpAndNoOther() async throws {
        let gate = HoldGate()
        defer { gate.open() }
        async let decoy: Void = onThread { WorkRegister.withWork("innocent work") { gate.pass() } }
        _ = sampler.start()
        try await holdTheSecondLoopUp()
        sampler.stop()
        gate.open()
        try await decoy

        let report = try #require(sampler.stalls.reports.first { $0.thread == "event-loop-1" && $0.work != nil })
        #expect(report.work == "load everything")
        #expect(report.overdue > StallWatch.threshold)
        #expect(try #require(report.duration) >= report.overdue)
        #if os(Linux)
        #expect(report.systemName?.hasPrefix("NIO-ELT-") == true)
        #expect(report.activity != nil)
        #endif
        let line = try #require(catcher.lines("A thread was held up", of: "event-loop-1").first)
        #expect(line.metadata["work"] == "load everything")
        try await group.shutdownGracefully()
    }

    // Late ticks don't pile up: what was due meanwhile comes once.
    @Test(.bug(id: "B10"), .timeLimit(.minutes(1)))
    func aStallIsOneLateTickAndNoBurst() async throws {
        _ = sampler.start()
        try await holdTheSecondLoopUp()
        sampler.stop()
        let named = sampler.stalls.reports.filter { $0.work == "load everything" }
        #expect(named.count == 1)
        try await group.shutdownGracefully()
    }

    @Test(.timeLimit(.minutes(1)))
    func aWindowHoldsTheWorstLatenessWithinIt() async throws {
        #expect(sampler.closeWindow() == nil)
        _ = sampler.start()
        sampler.openWindow()
        try await holdTheSecondLoopUp()
        #expect(try #require(sampler.closeWindow()) > 100)
        #expect(sampler.closeWindow() == nil)
        sampler.stop()
        try await group.shutdownGracefully()
    }

    @Test(.timeLimit(.minutes(1)))
    func reportsNothingBeforeTheFirstSecondAndAfterItStopped() async throws {
        #expect(sampler.report == nil)
        #expect(sampler.payload == nil)
        let sampling = Task { [sampler] in await sampler.run() }
        sampling.cancel()
        await sampling.value
        #expect(sampler.report == nil)
        try await group.shutdownGracefully()
    }
}
