import AlulaConfiguration
import AlulaPrimitives
import Logging
import Synchronization

/// Builds parts of the gateway anew when what they are made from has changed, and swaps them in when that succeeds.
///
/// Each part goes its own way: one that takes long or fails keeps what it had and delays no other. A part that failed is
/// tried again with every later change of the configuration.
final class PartKeeper: Sendable {
    private struct Lane: Sendable {
        let part: ReloadPart
        let states: AsyncStream<LoadedState>
        let queue: AsyncStream<LoadedState>.Continuation
    }

    private struct State {
        var lanes: [Lane] = []
        /// Parts that could not follow, and why.
        var stale: [String: String] = [:]
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) { self.logger = logger }

    /// Takes the parts over, before anything runs.
    func introduce(_ parts: [ReloadPart]) {
        // Only the newest state counts, so only one waits.
        let lanes = parts.map { part in
            let (states, queue) = AsyncStream.makeStream(of: LoadedState.self, bufferingPolicy: .bufferingNewest(1))
            return Lane(part: part, states: states, queue: queue)
        }
        state.withLock { $0.lanes = lanes }
    }

    /// The parts that still go by an older configuration because the newer one can't be used for them, in order.
    var staleParts: [String] { state.withLock { $0.stale.keys.sorted() } }

    /// Has the parts that `effects` concern follow `state`. Any thread may call it; it waits for nothing.
    func configurationChanged(_ effects: Set<ReloadPlan.Effect>, to loaded: LoadedState) {
        let concerned = state.withLock { state in
            state.lanes.filter { lane in
                !lane.part.effects.isDisjoint(with: effects) || state.stale[lane.part.name] != nil
            }
        }
        for lane in concerned { lane.queue.yield(loaded) }
    }

    /// Builds and swaps until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for lane in state.withLock({ $0.lanes }) {
                group.addTask { for await loaded in lane.states { await self.follow(loaded, lane.part) } }
            }
        }
    }

    private func follow(_ loaded: LoadedState, _ part: ReloadPart) async {
        do {
            guard let swap = try await part.build(loaded) else { return recovered(part) }
            swap()
            recovered(part)
            logger.notice("A part follows the new configuration", metadata: [LogKey.part: "\(part.name)"])
        } catch is CancellationError {
            return
        } catch {
            let reason = (error as? GatewayStartError)?.message ?? "\(error)"
            let earlier = state.withLock { $0.stale.updateValue(reason, forKey: part.name) }
            // It is tried with each change, and nobody wants to read each time that nothing has changed.
            guard earlier != reason else { return }
            logger.warning(
                "A part can't follow the new configuration and stays as it was",
                metadata: [LogKey.part: "\(part.name)", LogKey.reason: "\(reason)"])
        }
    }

    private func recovered(_ part: ReloadPart) { state.withLock { $0.stale[part.name] = nil } }
}
