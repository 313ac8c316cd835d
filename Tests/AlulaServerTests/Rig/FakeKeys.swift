import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import Synchronization

@testable import AlulaServer

/// Keys by their texts, as a gateway would know them by their digests.
final class FakeKeys: APIKeyAdmitting {
    private struct State {
        var keys: [String: APIKey] = [:]
        var allowances: [String: APIKeyAllowance] = [:]
    }

    private let state = Mutex(State())

    /// Makes a key whose text is `alula-` with its name.
    func add(_ name: String, expiresAt: Timestamp? = nil, limits: APIKeyLimits = APIKeyLimits()) {
        let key = APIKey(
            name: name, digest: Array(name.utf8), createdAt: Timestamp(milliseconds: 0), expiresAt: expiresAt,
            limits: limits)
        state.withLock { $0.keys["alula-\(name)"] = key }
    }

    func remove(_ name: String) { state.withLock { $0.keys["alula-\(name)"] = nil } }

    func key(for secret: Secret) -> APIKey? { state.withLock { $0.keys[secret.exposed] } }

    func admit(_ key: APIKey, at now: ContinuousClock.Instant) -> APIKeyAllowance.Refusal? {
        state.withLock { state in
            state.allowances[key.name, default: APIKeyAllowance()].admit(
                key.limits, at: now, on: Timestamp(milliseconds: 0))
        }
    }
}
