import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct ResponsivenessSamplerTests {
    @Test(.bug(id: "B14"), .timeLimit(.minutes(1))) func namesTheWorkThatHeldAnEventLoop() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let sampler = ResponsivenessSampler(
            loops: [loop], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Timestamp(milliseconds: 1_780_000_000_000) })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await sampler.run() }
            // The block is on purpose. On a busy machine the watching thread may miss it, so it comes again until seen.
            while !sampler.stalls.reports.contains(where: { $0.work == "test block" && $0.duration != nil }) {
                try await loop.submit { _ = WorkRegister.withWork("test block") { usleep(300_000) } }.get()
            }
            let report = try #require(sampler.stalls.reports.first { $0.work == "test block" && $0.duration != nil })
            #expect(report.thread == "event-loop-0")
            #expect(report.overdue > StallWatch.threshold)
            #expect(report.activity == .waiting)
            tasks.cancelAll()
        }
        try await group.shutdownGracefully()
    }
}
