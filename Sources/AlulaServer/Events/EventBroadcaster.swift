import AlulaJSON
import AlulaProtocol
import NIOCore
import Synchronization

/// Knows the connections that were let in, and brings events to those who may see them.
///
/// An event is encoded once. Each connection has its own bound; a slow one loses events that may be lost, and is closed
/// for others.
final class EventBroadcaster: Sendable {
    /// A connection as others see it.
    struct Member: Sendable {
        let caller: Caller
        let loop: any EventLoop
        /// Is called on ``loop``, with whether the event may be lost and with its number over all connections.
        let deliver: @Sendable (EncodedEvent, Bool, Int64) -> Void
        /// Sends a WebSocket ping; is called on ``loop``.
        let ping: @Sendable () -> Void
        /// Ends the connection; is called on ``loop``.
        let end: @Sendable (CloseReason) -> Void
    }

    private struct State {
        var members: [String: Member] = [:]
        var version = StateVersion()
        /// Version 3 counts over all connections.
        var sharedSequence: Int64 = 0
    }

    private let state = Mutex(State())

    func join(_ member: Member) { state.withLock { $0.members[member.caller.connectionID] = member } }
    func leave(_ connectionID: String) { state.withLock { $0.members[connectionID] = nil } }

    var stateVersion: StateVersion { state.withLock { $0.version } }
    var count: Int { state.withLock { $0.members.count } }

    /// Sends an event to everybody who may see it.
    ///
    /// - Parameter isDroppable: Whether a slow reader may miss it.
    func broadcast(_ name: String, payload: JSONValue, isDroppable: Bool = false, countsHealth: Bool = false) {
        guard let audience = EventAudience.of(name) else { return }
        let (hasMembers, version) = state.withLock { state in
            if countsHealth { state.version.health += 1 }
            return (!state.members.isEmpty, state.version)
        }
        guard hasMembers else { return }
        let event = EncodedEvent(name, payload: payload, stateVersion: countsHealth ? version : nil)
        // Under the lock, so that every connection sees the numbers in their order; `execute` only queues.
        state.withLock { state in
            state.sharedSequence += 1
            let sequence = state.sharedSequence
            for member in state.members.values where audience.includes(member.caller) {
                member.loop.execute { member.deliver(event, isDroppable, sequence) }
            }
        }
    }

    /// Pings every connection.
    func pingAll() {
        for member in state.withLock({ Array($0.members.values) }) { member.loop.execute { member.ping() } }
    }

    /// Ends every connection.
    func endAll(_ reason: CloseReason) {
        for member in state.withLock({ Array($0.members.values) }) {
            member.loop.execute { member.end(reason) }
        }
    }
}
