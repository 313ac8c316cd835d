import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Synchronization

/// The contents of `health` and `status` for a moment: a thousand clients that connect at once get the same one.
final class HealthCache: Sendable {
    /// How old an answer may be although nothing has changed; its figures about time move on.
    private static let maximumAge = Duration.milliseconds(500)

    /// What the contents are made from. Equal keys mean equal contents.
    struct Key: Equatable {
        var generation: UInt64?
        var isStale: Bool?
        var loadedAt: Timestamp
        var isUnreadable: Bool
        var warm: WarmStatus
    }

    struct Contents: Sendable {
        let health: JSONValue
        /// ``health`` as it is sent to each client that connects.
        let encodedHealth: [UInt8]
        let status: JSONValue

        init(health: JSONValue, status: JSONValue) {
            self.health = health
            encodedHealth = health.serialized(.compact)
            self.status = status
        }
    }

    private let last = Mutex<(key: Key, madeAt: ContinuousClock.Instant, contents: Contents)?>(nil)

    /// The last contents if they still hold, else fresh ones.
    func contents(for key: Key, make: () -> Contents) -> Contents {
        let now = ContinuousClock.now
        if let last = last.withLock({ $0 }), last.key == key, last.madeAt.duration(to: now) < Self.maximumAge {
            return last.contents
        }
        let contents = make()
        last.withLock { $0 = (key, now, contents) }
        return contents
    }
}
