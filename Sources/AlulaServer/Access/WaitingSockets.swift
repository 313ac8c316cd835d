import Synchronization

/// Counts sockets of one address that have not been let in yet.
final class WaitingSockets: Sendable {
    private let maximum: Int
    private let counts = Mutex<[String: Int]>([:])

    init(maximum: Int) { self.maximum = maximum }

    /// Takes a place for one more socket, if there is one. It is given back with ``leave(_:)``.
    func enter(_ address: String) -> Bool {
        counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < maximum else { return false }
            counts[address] = count + 1
            return true
        }
    }

    /// All that wait, of every address.
    var count: Int { counts.withLock { $0.values.reduce(0, +) } }

    func leave(_ address: String) {
        counts.withLock { counts in
            let count = counts[address, default: 0]
            counts[address] = count > 1 ? count - 1 : nil
        }
    }
}
