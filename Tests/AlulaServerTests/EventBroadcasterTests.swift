import AlulaJSON
import AlulaProtocol
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AlulaServer

struct EventBroadcasterTests {
    private final class Listener: EventReceiving, Sendable {
        private struct State {
            var sequences: [Int64] = []
            var versions: [Int64] = []
            var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
        }

        private let state = Mutex(State())

        var sequences: [Int64] { state.withLock { $0.sequences } }
        var versions: [Int64] { state.withLock { $0.versions } }

        func ping() {}
        func end(_ reason: CloseReason) {}
        func withdraw(_ reason: CloseReason) {}

        func deliver(_ event: EncodedEvent, isDroppable: Bool, sharedSequence sequence: Int64) {
            let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
                state.sequences.append(sequence)
                state.versions.append(event.stateVersion?.health ?? 0)
                guard let waiting = state.waiting, state.sequences.count >= waiting.count else { return nil }
                state.waiting = nil
                return waiting.continuation
            }
            continuation?.resume()
        }

        /// Returns once `count` events have come.
        func finished(_ count: Int) async {
            await withCheckedContinuation { continuation in
                let isReached = state.withLock { state in
                    if state.sequences.count < count { state.waiting = (count, continuation) }
                    return state.sequences.count >= count
                }
                if isReached { continuation.resume() }
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func everyConnectionHearsEventsInTheOrderOfTheirNumbers() async throws {
        let broadcaster = EventBroadcaster()
        let (first, second) = (Listener(), Listener())
        for (number, listener) in [first, second].enumerated() {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let caller = Caller(
                connectionID: "\(number)", client: nil, role: .operator, scopes: [.read], isDirectLocal: true,
                version: .three)
            try await loop.submit {
                _ = broadcaster.join(EventBroadcaster.Member(caller: caller, loop: loop, receiver: listener))
            }.get()
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<200 { broadcaster.broadcast("health", payload: ["ok": true], of: .health) }
                }
            }
        }
        for listener in [first, second] {
            await listener.finished(1600)
            #expect(listener.sequences == Array(1...1600))
            #expect(listener.versions == Array(2...1601))
        }
    }
}
