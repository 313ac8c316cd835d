import AlulaJSON
import AlulaProtocol
import Synchronization

/// Bounds how often one caller may change the gateway as a whole, so that a script that went wild does not keep it
/// reloading.
final class CallLimiter: Sendable {
    /// Methods that change the gateway as a whole.
    static let methods: Set<String> = [
        "config.apply", "config.patch", "gateway.restart.request", "models.authLogout", "update.run",
    ]
    /// Calls of one method by one caller within ``window``.
    static let maximumCalls = 30
    static let window = Duration.seconds(60)
    /// Callers that are remembered; of more, those that were quiet longest are forgotten.
    private static let maximumCallers = 4096

    private struct Key: Hashable {
        let method: String
        let caller: String
    }

    private let calls = Mutex<[Key: [ContinuousClock.Instant]]>([:])

    /// Counts a call of `method`, or throws when there were too many of them.
    ///
    /// - Parameter address: Stands for a caller without a device.
    func count(
        _ method: String, of caller: Caller, address: String, at now: ContinuousClock.Instant
    ) throws(GatewayError) {
        guard Self.methods.contains(method) else { return }
        let key = Key(method: method, caller: caller.device.map { "device \($0)" } ?? address)
        let oldest = calls.withLock { calls -> ContinuousClock.Instant? in
            var recent = (calls[key] ?? []).filter { $0.duration(to: now) < Self.window }
            let isTooMany = recent.count >= Self.maximumCalls
            if !isTooMany { recent.append(now) }
            calls[key] = recent
            if calls.count > Self.maximumCallers {
                calls = calls.filter { _, instants in instants.last.map { $0.duration(to: now) < Self.window } ?? false
                }
            }
            return isTooMany ? recent.first : nil
        }
        guard let oldest else { return }
        let wait = Self.window - oldest.duration(to: now)
        let seconds = max(1, Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0))
        throw GatewayError(
            .unavailable, "rate limit exceeded for \(method); retry after \(seconds)s",
            details: [
                "method": .string(method),
                "limit": .string("\(Self.maximumCalls) per \(Self.window.components.seconds)s"),
            ], isRetryable: true, retryAfter: .seconds(seconds))
    }
}
