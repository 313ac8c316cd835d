import AlulaAuth
import AlulaPrimitives
import Synchronization

/// What was found in stores a moment ago. Calls that come in quick succession share one look at the disk, so that most of them
/// need no thread but the one that they are on.
final class RecentFinds: Sendable {
    struct Question: Hashable {
        let profile: ProfileID
        let stores: [CredentialStoreFiles]
    }

    private struct Find {
        let content: ProfileSecretReader.Content
        let askedAt: ContinuousClock.Instant
    }

    /// How old it may be, from before the disk was asked. An edit from outside is to count within a quarter of a second.
    static let freshness = Duration.milliseconds(100)
    private static let maximumFinds = 256

    let now: @Sendable () -> ContinuousClock.Instant
    private let finds = Mutex<[Question: Find]>([:])

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) { self.now = now }

    /// `nil` when it is unknown or too old.
    subscript(question: Question) -> ProfileSecretReader.Content? {
        guard let find = finds.withLock({ $0[question] }), find.askedAt.duration(to: now()) < Self.freshness else {
            return nil
        }
        return find.content
    }

    /// - Parameter content: `nil` is looked for anew each time: whoever adds a login waits for it to be found.
    func note(
        _ content: ProfileSecretReader.Content?, to question: Question, askedAt: ContinuousClock.Instant
    ) {
        finds.withLock { finds in
            if finds.count >= Self.maximumFinds, finds[question] == nil { finds.removeAll() }
            finds[question] = content.map { Find(content: $0, askedAt: askedAt) }
        }
    }
}
