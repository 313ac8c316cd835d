import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaGateway

struct SnapshotWriterTests {
    private let scene: Installation
    private let clock = ManualClock()
    private let writer: SnapshotWriter
    private let path: String

    init() throws {
        scene = try Installation("{}")
        path = scene.path("state/alula/prepared-auth.json")
        try scene.write("", to: "state/alula/prepared-auth.json")
        writer = SnapshotWriter(store: SnapshotStore(path: path), pool: BlockingPool(), clock: clock)
    }

    private func prepared(_ generation: UInt64) -> PreparedAuth {
        AuthPreparer.prepare(
            context: scene.load().context, facts: AuthFacts(), generation: generation, gathering: .worker,
            now: Timestamp(milliseconds: 1_780_000_000_000))
    }

    private func savedGeneration() throws -> String {
        let text = try BlockingContext.permit { try FileReader.read(path, maximum: .mebibytes(1)).text }
        return ["41", "42", "43"].first { text.contains("\"generation\":\"\($0)\"") } ?? "none"
    }

    @Test func savesTheNewestOfThoseThatCameWhileItRested() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group throws in
            group.addTask { await writer.run { Issue.record("\($0)") } }
            writer.keep(prepared(41))
            await clock.sleepers(atLeast: 1)
            #expect(try savedGeneration() == "41")
            writer.keep(prepared(42))
            writer.keep(prepared(43))
            clock.advance(by: .milliseconds(999))
            #expect(try savedGeneration() == "41")
            clock.advance(by: .milliseconds(1))
            await clock.sleepers(atLeast: 1)
            #expect(try savedGeneration() == "43")
            group.cancelAll()
        }
    }

    @Test func savesWhatStillWaitsWhenItIsStopped() async throws {
        let running = Task { [writer] in await writer.run { Issue.record("\($0)") } }
        writer.keep(prepared(41))
        await clock.sleepers(atLeast: 1)
        writer.keep(prepared(42))
        running.cancel()
        await running.value
        #expect(try savedGeneration() == "42")
    }

    /// The disk takes its time, and the gateway is stopped meanwhile: the process would end in the middle of the write.
    @Test func endsAWriteThatHasBegunWhenItIsStopped() async throws {
        var settings = BlockingPool.Settings()
        settings.maximumThreads = 1
        let pool = BlockingPool(settings)
        let disk = Monitor(false)
        let writer = SnapshotWriter(store: SnapshotStore(path: path), pool: pool, clock: clock)
        async let slowness: Void = pool.run("be slow", deadline: .after(.seconds(60))) {
            disk.wait { $0 ? .done(()) : .wait(on: 0, until: nil) }
        }
        while pool.statistics.busy == 0 { await Task.yield() }
        let running = Task { await writer.run { Issue.record("\($0)") } }
        writer.keep(prepared(41))
        while pool.statistics.queued == 0 { await Task.yield() }
        running.cancel()
        disk.withLock { $0 = true }
        disk.signalAll()
        await running.value
        #expect(try savedGeneration() == "41")
        try await slowness
    }
}
