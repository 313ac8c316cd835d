import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives

/// Which logins of an agent rest at an instant.
struct LoginWindows: Sendable {
    private let store: EffectiveStore
    private let time: Timestamp

    /// - Parameter store: The agent's, with what was recorded since it was read.
    init(_ store: EffectiveStore, at time: Timestamp) {
        self.store = store
        self.time = time
    }

    /// What keeps a login from being used for a model.
    subscript(route: FailoverRoute) -> UsageWindow? {
        guard case .profile(let id) = route.login, let usage = store.usage[id] else { return nil }
        let provider = store.profiles[id]?.fact.provider ?? route.model.provider
        return usage.window(at: time, provider: provider, model: route.model.model)
    }
}
