import Synchronization

/// Bounds the sockets of one address that have sent no request yet: whoever opens more loses the one that has been silent
/// longest. A client speaks as soon as it is connected, so only sockets that hold places on purpose grow that old.
final class SilentSockets: Sendable {
    /// One socket without a request.
    struct Place: Hashable, Sendable {
        fileprivate let address: String
        fileprivate let number: UInt64
    }

    private struct Socket {
        let number: UInt64
        let close: @Sendable () -> Void
    }

    private struct State {
        /// By address, the oldest first.
        var sockets: [String: [Socket]] = [:]
        var next: UInt64 = 0
    }

    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) { self.maximum = maximum }

    /// Takes a place for a socket, which is given back with ``leave(_:)``.
    ///
    /// - Parameter close: Ends the socket; any thread may call it.
    func enter(_ address: String, close: @escaping @Sendable () -> Void) -> Place {
        let (place, evicted) = state.withLock { state in
            let place = Place(address: address, number: state.next)
            state.next += 1
            var sockets = state.sockets[address] ?? []
            sockets.append(Socket(number: place.number, close: close))
            let evicted = sockets.count > maximum ? sockets.removeFirst() : nil
            state.sockets[address] = sockets
            return (place, evicted)
        }
        evicted?.close()
        return place
    }

    func leave(_ place: Place) {
        state.withLock { state in
            guard var sockets = state.sockets[place.address],
                let index = sockets.firstIndex(where: { $0.number == place.number })
            else { return }
            sockets.remove(at: index)
            state.sockets[place.address] = sockets.isEmpty ? nil : sockets
        }
    }

    /// Sockets of every address that have sent no request yet.
    var count: Int { state.withLock { $0.sockets.values.reduce(0) { $0 + $1.count } } }

    /// Sockets of `address` that have sent no request yet.
    func count(of address: String) -> Int { state.withLock { $0.sockets[address]?.count ?? 0 } }
}
