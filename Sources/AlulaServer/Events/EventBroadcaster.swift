import AlulaJSON
import AlulaProtocol
import NIOCore
import Synchronization

/// What a connection does when others have something for it. Everything is called on its event loop.
protocol EventReceiving: AnyObject {
    /// - Parameters:
    ///   - isDroppable: Whether a slow reader may miss the event.
    ///   - sharedSequence: The event's number over all connections, which version 3 shows.
    func deliver(_ event: EncodedEvent, isDroppable: Bool, sharedSequence: Int64)
    /// Sends a WebSocket ping.
    func ping()
    /// Ends the connection.
    func end(_ reason: CloseReason)
    /// Ends the connection as soon as its calls are answered.
    func withdraw(_ reason: CloseReason)
}

/// Knows the connections that were let in, and brings events to those who may see them.
///
/// An event is encoded once. Each connection has its own bound; a slow one loses events that may be lost, and is closed
/// for others.
final class EventBroadcaster: Sendable {
    /// A connection as others see it.
    struct Member: Sendable {
        let caller: Caller
        let loop: any EventLoop
        let receiver: NIOLoopBound<any EventReceiving>

        /// - Parameter receiver: Lives on `loop`, on which this is called.
        init(caller: Caller, loop: any EventLoop, receiver: any EventReceiving) {
            self.caller = caller
            self.loop = loop
            self.receiver = NIOLoopBound(receiver, eventLoop: loop)
        }

        /// Has the receiver do something, on its loop.
        fileprivate func tell(_ body: @escaping @Sendable (any EventReceiving) -> Void) {
            loop.execute { body(receiver.value) }
        }
    }

    /// A state of the gateway whose versions are counted.
    enum Change: Sendable {
        case health
        case presence
    }

    private struct State {
        var members: [String: Member] = [:]
        var version = StateVersion()
        /// Version 3 counts over all connections.
        var sharedSequence: Int64 = 0

        mutating func count(_ change: Change) {
            switch change {
            case .health: version.health += 1
            case .presence: version.presence += 1
            }
        }
    }

    private let state = Mutex(State())

    /// Adds a connection; events that are sent from now on reach it.
    ///
    /// - Returns: The versions that the connection begins with.
    func join(_ member: Member) -> StateVersion {
        state.withLock { state in
            state.members[member.caller.connectionID] = member
            return state.version
        }
    }

    func leave(_ connectionID: String) { state.withLock { $0.members[connectionID] = nil } }

    /// A state has a new version that nobody is told of.
    func count(_ change: Change) { state.withLock { $0.count(change) } }

    /// The number, over all connections, of an event that each connection is sent as its last.
    var lastSharedSequence: Int64 { state.withLock { $0.sharedSequence + 1 } }

    var count: Int { state.withLock { $0.members.count } }

    /// Sends an event to everybody who may see it.
    ///
    /// - Parameters:
    ///   - isDroppable: Whether a slow reader may miss it.
    ///   - change: What the event tells a new version of, if anything.
    func broadcast(_ name: String, payload: JSONValue, isDroppable: Bool = false, of change: Change? = nil) {
        guard let audience = EventAudience.of(name) else { return }
        // Encoded once, and outside the lock, unless the first connection comes at this very moment.
        let encoded = count == 0 ? nil : EncodedEvent(name, payload: payload)
        // Numbers, versions and handing over are one step, so that every connection sees them in their order;
        // `execute` only queues.
        state.withLock { state in
            if let change { state.count(change) }
            guard !state.members.isEmpty else { return }
            var event = encoded ?? EncodedEvent(name, payload: payload)
            if change != nil { event.stateVersion = state.version }
            state.sharedSequence += 1
            let (final, sequence) = (event, state.sharedSequence)
            for member in state.members.values where audience.includes(member.caller) {
                member.tell { $0.deliver(final, isDroppable: isDroppable, sharedSequence: sequence) }
            }
        }
    }

    /// Pings every connection.
    func pingAll() {
        for member in state.withLock({ Array($0.members.values) }) { member.tell { $0.ping() } }
    }

    /// Ends the connections whose access rests on `device`, all of them or those of one role.
    func withdraw(_ device: DeviceID, role: String?, reason: CloseReason) {
        let members = state.withLock { state in
            state.members.values.filter { member in
                let caller = member.caller
                return caller.device == device && !caller.isOwner && (role == nil || caller.role.rawValue == role)
            }
        }
        for member in members { member.tell { $0.withdraw(reason) } }
    }

    /// Ends the connections that came in by the shared secret.
    func withdrawSharedSecret(reason: CloseReason) {
        let members = state.withLock { $0.members.values.filter(\.caller.restsOnSharedSecret) }
        for member in members { member.tell { $0.withdraw(reason) } }
    }

    /// Ends every connection.
    func endAll(_ reason: CloseReason) {
        for member in state.withLock({ Array($0.members.values) }) { member.tell { $0.end(reason) } }
    }
}
