import AlulaAuth
import AlulaPrimitives
import AlulaTestSupport
import Synchronization
import Testing

@testable import AlulaCredentials

/// One pass for each stored token, whoever asks and however often.
@Suite(.timeLimit(.minutes(1)))
struct LoginPassesTests {
    private static let noon = Timestamp(milliseconds: 1_780_000_000_000)

    /// A provider that gives passes once a test lets it.
    private final class Giver: Sendable {
        private struct State {
            var asked: [String] = []
            var failure: PassFailure?
            var isHeld = false
        }

        private let state = Mutex(State())
        private let clock: ManualClock
        private let patience = ManualClock()

        init(_ clock: ManualClock) { self.clock = clock }

        var asked: [String] { state.withLock { $0.asked } }
        var now: Timestamp { noon.advanced(by: clock.now.offset) }

        func fail(_ failure: PassFailure?) { state.withLock { $0.failure = failure } }
        func hold() { state.withLock { $0.isHeld = true } }
        /// Returns once so many exchanges wait.
        func wait(for count: Int = 1) async { await patience.sleepers(atLeast: count) }
        func release() {
            state.withLock { $0.isHeld = false }
            patience.advance(by: .seconds(1))
        }

        func exchange(of token: String) -> LoginPasses.Exchange {
            { _ in
                let (number, isHeld) = self.state.withLock { state in
                    state.asked.append(token)
                    return (state.asked.count, state.isHeld)
                }
                if isHeld { try await self.patience.sleep(for: .seconds(1)) }
                if let failure = self.state.withLock({ $0.failure }) { throw failure }
                return Pass(
                    token: Secret("fake-pass-\(number)"), end: self.now.advanced(by: .seconds(1800)),
                    refreshIn: .seconds(1500))
            }
        }
    }

    private let clock = ManualClock()
    private let giver: Giver
    private let passes: LoginPasses
    private let events = Events()

    /// What is told, in words.
    private final class Events: Sendable {
        let told = Mutex<[String]>([])
    }

    init() {
        let (giver, events) = (Giver(clock), events)
        self.giver = giver
        passes = LoginPasses(now: { giver.now }, random: { 0 }) { event in
            let failure = event.failure.map {
                " \($0.0.reason.rawValue) until \($0.restsUntil.duration(since: Self.noon).seconds)"
            }
            events.told.withLock { $0.append("\(event.provider)" + (failure ?? "")) }
        }
    }

    private func pass(
        _ token: String = "ghu_fake", rejected: String? = nil, within time: Duration = .seconds(60)
    ) async throws -> String {
        try await passes.pass(
            for: Secret(token), of: "lab", rejected: rejected.map { Secret($0) }, until: .after(time),
            by: giver.exchange(of: token)
        ).token.exposed
    }

    @Test func callersOfOneTokenShareOneExchange() async throws {
        giver.hold()
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            // Spellings of one token are that token.
            for number in 0..<200 { group.addTask { try await pass(number % 2 == 0 ? "ghu_fake" : " ghu_fake\n") } }
            for _ in 0..<20 { group.addTask { try await pass("ghu_other") } }
            await giver.wait(for: 2)
            giver.release()
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.count == 220)
        #expect(Set(answers).count == 2)
        #expect(Set(giver.asked.map { $0.trimmed() }) == ["ghu_fake", "ghu_other"])
        #expect(giver.asked.count == 2)
        // A token never gets what was given for another.
        let (mine, other) = (try await pass(), try await pass("ghu_other"))
        #expect(mine != other)
        #expect(giver.asked.count == 2)
    }

    @Test func aPassServesUntilItIsDue() async throws {
        #expect(try await pass() == "fake-pass-1")
        clock.advance(by: .seconds(1499))
        #expect(try await pass() == "fake-pass-1")
        clock.advance(by: .seconds(1))
        #expect(try await pass() == "fake-pass-2")
        #expect(try await pass() == "fake-pass-2")
        #expect(giver.asked.count == 2)
    }

    /// Callers that were refused at once cost one exchange.
    @Test func aRefusedPassIsExchangedOnce() async throws {
        #expect(try await pass() == "fake-pass-1")
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await pass(rejected: "fake-pass-1") } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == ["fake-pass-2"])
        #expect(giver.asked.count == 2)
        let failure = await #expect(throws: PassFailure.self) { try await pass(rejected: "fake-pass-2") }
        #expect(failure?.reason == .auth)
        #expect(giver.asked.count == 2)
        clock.advance(by: .seconds(60))
        #expect(try await pass(rejected: "fake-pass-2") == "fake-pass-3")
    }

    @Test func afterAFailureNobodyIsAskedForAWhile() async throws {
        giver.fail(PassFailure(.billing, "No subscription.", status: 403))
        for _ in 0..<20 {
            let failure = await #expect(throws: PassFailure.self) { try await pass() }
            #expect(failure == PassFailure(.billing, "No subscription.", status: 403))
        }
        #expect(giver.asked.count == 1)
        giver.fail(nil)
        clock.advance(by: .seconds(599))
        await #expect(throws: PassFailure.self) { try await pass() }
        clock.advance(by: .seconds(1))
        #expect(try await pass() == "fake-pass-2")
        #expect(events.told.withLock { $0 } == ["lab billing until 600.0", "lab"])
    }

    @Test func whileThereIsNoNewOneTheOldOneServes() async throws {
        #expect(try await pass() == "fake-pass-1")
        giver.fail(PassFailure(.timeout, "Late."))
        clock.advance(by: .seconds(1500))
        for _ in 0..<20 { #expect(try await pass() == "fake-pass-1") }
        #expect(giver.asked.count == 2)
        // Nothing is wrong yet.
        #expect(events.told.withLock { $0 } == ["lab"])
        clock.advance(by: .seconds(300))
        let failure = await #expect(throws: PassFailure.self) { try await pass() }
        #expect(failure?.reason == .timeout)
        #expect(events.told.withLock { $0 } == ["lab", "lab timeout until 1810.0"])
    }

    @Test func whoLeavesEndsNobodysExchange() async throws {
        giver.hold()
        let leaving = Task { try await pass() }
        await giver.wait()
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        let staying = Task { try await pass() }
        giver.release()
        #expect(try await staying.value == "fake-pass-1")
        #expect(giver.asked.count == 1)
    }

    @Test func whoCannotWaitHearsOfIt() async throws {
        giver.hold()
        let failure = await #expect(throws: PassFailure.self) { try await pass(within: .zero) }
        #expect(failure?.reason == .timeout)
        await giver.wait()
        giver.release()
        #expect(try await pass() == "fake-pass-1")
        #expect(giver.asked.count == 1)
    }

    @Test func anErrorOfAnotherKindIsAFailureToo() async throws {
        struct Odd: Error {}
        let failure = await #expect(throws: PassFailure.self) {
            _ = try await passes.pass(for: Secret("ghu_fake"), of: "lab", until: .after(.seconds(60))) { _ in
                throw Odd()
            }
        }
        #expect(failure?.reason == .unclassified)
    }
}
