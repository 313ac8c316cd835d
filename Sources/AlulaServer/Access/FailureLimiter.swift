import AlulaProtocol
import Synchronization

/// Locks addresses out that keep showing wrong secrets.
final class FailureLimiter: Sendable {
    /// Addresses that are remembered; of more, the one that failed longest ago is forgotten.
    private static let maximumAddresses = 10_000

    private struct Record {
        var failures: [ContinuousClock.Instant] = []
        var lockedUntil: ContinuousClock.Instant?
    }

    private struct State {
        var limit: FailureLimit
        var records: [String: Record] = [:]
    }

    private let state: Mutex<State>

    init(_ limit: FailureLimit) { state = Mutex(State(limit: limit)) }

    /// Lets another limit count. Who is locked out stays so.
    func adopt(_ limit: FailureLimit) { state.withLock { $0.limit = limit } }

    /// How long `peer` is still locked out, or `nil`.
    func lockout(of peer: Peer, at now: ContinuousClock.Instant) -> Duration? { lockout(of: key(of: peer), at: now) }

    private func lockout(of key: String?, at now: ContinuousClock.Instant) -> Duration? {
        guard let key else { return nil }
        return state.withLock { state in
            guard let until = state.records[key]?.lockedUntil else { return nil }
            guard until > now else {
                state.records[key] = nil
                return nil
            }
            return now.duration(to: until)
        }
    }

    /// How long a paired device at `peer` is still locked out, or `nil`.
    func lockout(of peer: Peer, device: DeviceID, at now: ContinuousClock.Instant) -> Duration? {
        lockout(of: key(of: peer, device: device), at: now)
    }

    /// Counts a wrong secret.
    func failed(_ peer: Peer, at now: ContinuousClock.Instant) { failed(key(of: peer), at: now) }

    /// Counts a wrong secret of a paired device, which does not lock its address out.
    func failed(_ peer: Peer, device: DeviceID, at now: ContinuousClock.Instant) {
        failed(key(of: peer, device: device), at: now)
    }

    private func failed(_ key: String?, at now: ContinuousClock.Instant) {
        guard let key else { return }
        state.withLock { state in
            let limit = state.limit
            var record = state.records[key] ?? Record()
            record.failures.removeAll { $0.duration(to: now) > limit.window }
            record.failures.append(now)
            if record.failures.count >= limit.maximumFailures {
                record.lockedUntil = now.advanced(by: limit.lockout)
                record.failures = []
            }
            state.records[key] = record
            guard state.records.count > Self.maximumAddresses else { return }
            let oldest = state.records.min { ($0.value.failures.last ?? now) < ($1.value.failures.last ?? now) }
            if let oldest { state.records[oldest.key] = nil }
        }
    }

    private func key(of peer: Peer, device: DeviceID) -> String? { key(of: peer).map { _ in "device \(device)" } }

    /// Programs on this machine are not locked out; a page in a browser is, by its origin. A proxy on this machine
    /// speaks for others: each of its clients is counted if the proxy is trusted to name it, else all of them as one.
    private func key(of peer: Peer) -> String? {
        if peer.isOnThisMachine, state.withLock({ $0.limit.exemptsLoopback }) {
            return peer.origin.map { "origin \($0)" }
        }
        return peer.isForwarded && !peer.isTrustedProxy ? "proxy \(peer.address)" : peer.clientAddress
    }
}
