import AlulaConfiguration
import AlulaPrimitives
import Synchronization

/// Hands out what was last loaded from the state directory. Any thread may read it.
final class LoadedStateSource: Sendable {
    /// One loaded state, with what is put together from it once somebody asks.
    final class Edition: Sendable {
        let state: LoadedState

        /// Agents whose shelf is kept; there may be thousands, and few that are asked.
        private static let maximumShelves = 64
        private let shelves = Mutex<[AgentID: ModelShelf]>([:])

        fileprivate init(_ state: LoadedState) { self.state = state }

        /// The models as they are for an agent.
        ///
        /// - Parameter agent: `nil` means the default agent.
        func shelf(of agent: AgentID? = nil) -> ModelShelf {
            let agent = agent ?? state.configuration.agents.defaultAgent
            if let known = shelves.withLock({ $0[agent] }) { return known }
            let shelf = ModelShelf(state, agent: agent)
            shelves.withLock { shelves in
                if shelves.count < Self.maximumShelves { shelves[agent] = shelf }
            }
            return shelf
        }
    }

    private let box: Mutex<Edition>

    init(_ state: LoadedState) { box = Mutex(Edition(state)) }

    var current: LoadedState { edition.state }

    /// The same object until another state is loaded.
    var edition: Edition { box.withLock { $0 } }

    /// For whoever keeps the state true.
    func replace(_ new: LoadedState) {
        let edition = Edition(new)
        box.withLock { $0 = edition }
    }
}
