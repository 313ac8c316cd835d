import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Synchronization

/// Who is connected, for all connections of the server.
final class PresenceBoard: Sendable {
    /// Signals that others should be told; many changes before anybody looks are one signal.
    let changes: AsyncStream<Void>

    private let book: Mutex<PresenceBook>
    private let signal: AsyncStream<Void>.Continuation
    private let broadcaster: EventBroadcaster
    private let now: @Sendable () -> Timestamp

    init(gateway: PresenceEntry, broadcaster: EventBroadcaster, now: @escaping @Sendable () -> Timestamp) {
        book = Mutex(PresenceBook(gateway: gateway))
        (changes, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.broadcaster = broadcaster
        self.now = now
    }

    /// A client was let in. Others learn it with the next event about presence; the version counts at once.
    func joined(_ caller: Caller, client: ClientIdentity, address: String) {
        let entry = PresenceEntry(of: caller, client: client, address: address, at: now())
        book.withLock { $0.joined(entry, connectionID: caller.connectionID) }
        broadcaster.count(.presence)
    }

    /// A connection has ended; one that never joined is no concern.
    func left(_ connectionID: String) {
        let now = now()
        if book.withLock({ $0.left(connectionID, at: now) }) { signal.yield() }
    }

    /// A program says something about itself or a device.
    func reported(_ entry: PresenceEntry, by connectionID: String) {
        book.withLock { $0.reported(entry, by: connectionID) }
        signal.yield()
    }

    /// What `caller` may see: without the scope only the gateway itself.
    func entries(for caller: Caller) -> [JSONValue] {
        let all = entries
        return EventAudience.of("presence")?.includes(caller) == true ? all : Array(all.prefix(1))
    }

    /// Tells everybody who may know.
    func tell() {
        broadcaster.broadcast("presence", payload: ["presence": .array(entries)], isDroppable: true, of: .presence)
    }

    private var entries: [JSONValue] {
        let now = now()
        return book.withLock { $0.entries(at: now) }.map(\.payload)
    }
}
