import AlulaConfiguration
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

/// Parts follow the configuration, each by itself.
@Suite(.timeLimit(.minutes(1)))
struct PartKeeperTests {
    private struct Unusable: Error {}

    /// Parts that tell what became of them.
    private final class Bench: Sendable {
        enum News: Hashable {
            case built(String)
            case swapped(String)
        }

        let keeper = PartKeeper(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let scene: Installation
        let state: LoadedState
        private let news = AsyncStream<News>.makeStream()

        init() throws {
            scene = try Installation("{}")
            state = scene.load([:])
        }

        func part(
            _ name: String, _ effects: Set<ReloadPlan.Effect>, build: @escaping @Sendable () async throws -> Bool
        ) -> ReloadPart {
            let news = news.continuation
            return ReloadPart(name: name, effects: effects) { _ in
                news.yield(.built(name))
                guard try await build() else { return nil }
                return { news.yield(.swapped(name)) }
            }
        }

        func next() async -> News? {
            var iterator = news.stream.makeAsyncIterator()
            return await iterator.next()
        }

        func running(_ parts: [ReloadPart], _ body: () async throws -> Void) async throws {
            keeper.introduce(parts)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.keeper.run() }
                try await body()
                group.cancelAll()
            }
        }
    }

    @Test func aPartIsBuiltAnewOnlyForWhatConcernsIt() async throws {
        let bench = try Bench()
        let parts = [bench.part("log", [.logging]) { true }, bench.part("door", [.access, .secrets]) { true }]
        try await bench.running(parts) {
            bench.keeper.configurationChanged([.models, .agents], to: bench.state)
            bench.keeper.configurationChanged([.secrets], to: bench.state)
            #expect(await bench.next() == .built("door"))
            #expect(await bench.next() == .swapped("door"))
            bench.keeper.configurationChanged([.logging], to: bench.state)
            #expect(await bench.next() == .built("log"))
            #expect(await bench.next() == .swapped("log"))
        }
    }

    @Test(.bug(id: "B79")) func onePartThatFailsKeepsWhatItHasAndTheOthersFollow() async throws {
        let bench = try Bench()
        let isMended = Mutex(false)
        let broken = bench.part("broken", [.access]) {
            guard isMended.withLock({ $0 }) else { throw Unusable() }
            return true
        }
        try await bench.running([broken, bench.part("sound", [.access]) { true }]) {
            bench.keeper.configurationChanged([.access], to: bench.state)
            var news: Set<Bench.News?> = []
            for _ in 0..<3 { news.insert(await bench.next()) }
            #expect(news == [.built("broken"), .built("sound"), .swapped("sound")])
            // Whatever changes next, it is tried again; the sound one is left alone.
            isMended.withLock { $0 = true }
            while bench.keeper.staleParts != ["broken"] { await Task.yield() }
            bench.keeper.configurationChanged([.models], to: bench.state)
            #expect(await bench.next() == .built("broken"))
            #expect(await bench.next() == .swapped("broken"))
            while !bench.keeper.staleParts.isEmpty { await Task.yield() }
        }
    }

    @Test func aPartThatTakesLongDelaysNoOther() async throws {
        let bench = try Bench()
        let gate = AsyncStream<Void>.makeStream()
        let slow = bench.part("slow", [.access]) {
            for await _ in gate.stream { break }
            return true
        }
        try await bench.running([slow, bench.part("quick", [.logging]) { true }]) {
            bench.keeper.configurationChanged([.access], to: bench.state)
            #expect(await bench.next() == .built("slow"))
            for _ in 0..<3 {
                bench.keeper.configurationChanged([.logging, .access], to: bench.state)
                #expect(await bench.next() == .built("quick"))
                #expect(await bench.next() == .swapped("quick"))
            }
            // Of the three that came meanwhile only the newest is left to be done.
            gate.continuation.finish()
            #expect(await bench.next() == .swapped("slow"))
            #expect(await bench.next() == .built("slow"))
            #expect(await bench.next() == .swapped("slow"))
            bench.keeper.configurationChanged([.logging], to: bench.state)
            #expect(await bench.next() == .built("quick"))
        }
    }

    @Test func nothingIsSwappedWhereNothingIsNew() async throws {
        let bench = try Bench()
        try await bench.running([bench.part("same", [.access]) { false }, bench.part("other", [.logging]) { true }]) {
            bench.keeper.configurationChanged([.access], to: bench.state)
            #expect(await bench.next() == .built("same"))
            bench.keeper.configurationChanged([.logging], to: bench.state)
            #expect(await bench.next() == .built("other"))
            #expect(await bench.next() == .swapped("other"))
        }
    }
}
