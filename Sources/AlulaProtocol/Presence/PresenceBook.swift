package import AlulaPrimitives

/// Who is there, and who was a moment ago.
///
/// A client is present as long as one of its connections lasts. What has gone, and what a program only reported, is
/// forgotten after ``lifetime``; of more than ``maximumEntries``, the oldest such entries go first, then the oldest
/// clients.
package struct PresenceBook: Sendable {
    /// Entries that are kept, the gateway's own aside.
    package static let maximumEntries = 199
    /// How long an entry without a connection is shown.
    package static let lifetime = Duration.seconds(300)

    private struct Held {
        var entry: PresenceEntry
        var connections: Set<String> = []
    }

    private var gateway: PresenceEntry
    private var held: [String: Held] = [:]
    /// The key of each connection that is counted.
    private var keys: [String: String] = [:]

    /// - Parameter gateway: The gateway's own entry, which is always the first.
    package init(gateway: PresenceEntry) { self.gateway = gateway }

    /// A client was let in.
    ///
    /// - Parameter connectionID: Until ``left(_:at:)`` is called with it, the client is present.
    package mutating func joined(_ entry: PresenceEntry, connectionID: String) {
        let key = Self.key(entry, orElse: connectionID)
        var connections = held[key]?.connections ?? []
        connections.insert(connectionID)
        held[key] = Held(entry: entry, connections: connections)
        keys[connectionID] = key
        makeRoom(at: entry.at)
    }

    /// A connection has ended.
    ///
    /// - Returns: Whether anybody can see a difference.
    package mutating func left(_ connectionID: String, at now: Timestamp) -> Bool {
        guard let key = keys.removeValue(forKey: connectionID), var client = held[key] else { return false }
        client.connections.remove(connectionID)
        let isGone = client.connections.isEmpty
        if isGone { client.entry = client.entry.gone(at: now) }
        held[key] = client
        return isGone
    }

    /// A program says something about itself or a device.
    ///
    /// - Parameter connectionID: Stands for a program that says neither a device nor an instance.
    package mutating func reported(_ entry: PresenceEntry, by connectionID: String) {
        let key = Self.key(entry, orElse: connectionID)
        held[key] = Held(entry: entry, connections: held[key]?.connections ?? [])
        makeRoom(at: entry.at)
    }

    /// The gateway first, then the newest.
    package mutating func entries(at now: Timestamp) -> [PresenceEntry] {
        forgetOld(at: now)
        gateway.at = now
        return [gateway] + held.values.map(\.entry).sorted { ($1.at, $0.text) < ($0.at, $1.text) }
    }

    private mutating func forgetOld(at now: Timestamp) {
        let limit = Int64(Self.lifetime.components.seconds) * 1000
        held = held.filter { _, client in
            !client.connections.isEmpty || now.milliseconds - client.entry.at.milliseconds <= limit
        }
    }

    private mutating func makeRoom(at now: Timestamp) {
        guard held.count > Self.maximumEntries else { return }
        forgetOld(at: now)
        while held.count > Self.maximumEntries {
            let oldest = held.min { left, right in
                let (isLeftGone, isRightGone) = (left.value.connections.isEmpty, right.value.connections.isEmpty)
                return isLeftGone == isRightGone ? left.value.entry.at < right.value.entry.at : isLeftGone
            }
            guard let oldest else { return }
            held[oldest.key] = nil
        }
    }

    private static func key(_ entry: PresenceEntry, orElse connectionID: String) -> String {
        entry.deviceID.map { "device \($0)" } ?? entry.instanceID.map { "instance \($0)" } ?? connectionID
    }
}
