import AlulaAuth
import AlulaPrimitives
import AlulaSystem

/// Answers as the test says; blocks where the test says.
struct FakeReader: FactReading {
    let answer: @Sendable (GatherPlan.Item) -> SourceReading

    init(_ answer: @escaping @Sendable (GatherPlan.Item) -> SourceReading = { $0.absent }) { self.answer = answer }

    func read(_ item: GatherPlan.Item, markers: Set<String>) -> SourceReading { answer(item) }
}

extension GatherPlan.Item {
    /// The sure answer that there is nothing.
    var absent: SourceReading {
        switch self {
        case .store(let store, _, _): .store(store, .absent)
        case .login(let tool, _): .login(tool, .absent)
        case .googleCredentials: .googleCredentials(.absent)
        case .awsFiles: .awsFiles(.absent)
        case .secretFile(let alias, _, _, _, _): .secretSource(alias: alias, .absent)
        }
    }

    /// The store in a made-up directory.
    static func store(_ number: Int) -> GatherPlan.Item {
        .store(StoreID("/agents/\(number)"), legacyOAuthPath: nil, sharedDatabasePath: nil)
    }
}

/// Something that threads of the test wait for.
final class Gate: Sendable {
    private let isOpen = Monitor(false)

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.signalAll()
    }

    /// Blocks the calling thread until somebody opens the gate.
    func pass() { isOpen.wait { $0 ? .done(()) : .wait(on: 0, until: nil) } }
}
