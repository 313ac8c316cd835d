import AlulaAuth
import AlulaPrimitives
import Synchronization

/// Through which login each conversation was answered last, so that the next turn goes there too: providers keep what they
/// have read of a conversation by account.
///
/// A pin is a wish: a login that rests or is gone is passed over, and whoever answers then has the pin.
final class SessionPins: Sendable {
    /// Whose answers are meant.
    struct Key: Hashable, Sendable {
        let agent: AgentID
        /// The caller's own name for the conversation.
        let session: String
        let provider: ProviderID
    }

    private struct Pin {
        let profile: ProfileID
        /// Counts up with every answer.
        let turn: UInt64
    }

    private struct State {
        var pins: [Key: Pin] = [:]
        var turn: UInt64 = 0
    }

    /// More conversations than that are remembered never; those that were quiet longest go first.
    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int = 10_000) { self.maximum = maximum }

    subscript(key: Key) -> ProfileID? { state.withLock { $0.pins[key]?.profile } }

    /// A login has answered.
    func note(_ profile: ProfileID, for key: Key) {
        state.withLock { state in
            state.turn += 1
            state.pins[key] = Pin(profile: profile, turn: state.turn)
            guard state.pins.count > maximum else { return }
            // Half of them at once, so that this is rare.
            let turns = state.pins.values.map(\.turn).sorted()
            let oldest = turns[turns.count / 2]
            state.pins = state.pins.filter { $0.value.turn >= oldest }
        }
    }
}
