package import AlulaJSON

/// What has to be done when the configuration changes.
package struct ReloadPlan: Hashable, Sendable {
    /// A part of the gateway that a change touches. Raw values are stable: they appear in logs and as a metric dimension.
    package enum Effect: String, CaseIterable, Sendable, Comparable {
        /// Who can use which provider may have changed: gather its facts again.
        case modelsAuth = "models_auth"
        /// The model list is to be made again.
        case models
        case agents
        /// Who may come in.
        case access
        /// References are to be resolved again.
        case secrets
        /// The variables that the configuration brings.
        case environment
        case logging
        case channels
        case heartbeat
        case hooks
        case schedules
        /// How changes themselves are handled.
        case reloading
        /// It counts only after a restart of the gateway.
        case gatewayRestart = "gateway_restart"

        package static func < (left: Effect, right: Effect) -> Bool { left.rawValue < right.rawValue }
    }

    /// Every place that changed, in order.
    package let changedPaths: [ConfigurationPath]
    /// Everything that is touched; empty when nothing has to be done.
    package let effects: Set<Effect>
    /// The changes that count only after a restart, in order.
    package let restartPaths: [ConfigurationPath]

    /// Compares two resolved documents.
    ///
    /// - Parameter unknown: Places that nobody reads, so that a change there has no effect.
    package init(from old: JSONValue, to new: JSONValue, ignoring unknown: Set<ConfigurationPath> = []) {
        self.init(changedPaths: ConfigurationDifference.paths(from: old, to: new), ignoring: unknown)
    }

    /// Plans for places that are known to have changed.
    package init(changedPaths: [ConfigurationPath], ignoring unknown: Set<ConfigurationPath> = []) {
        self.changedPaths = changedPaths
        var effects: Set<Effect> = []
        var restartPaths: [ConfigurationPath] = []
        for path in changedPaths where !unknown.contains(where: { path.isWithin($0) }) {
            let touched = ReloadRule.effects(of: path)
            effects.formUnion(touched)
            if touched.contains(.gatewayRestart) { restartPaths.append(path) }
        }
        self.effects = effects
        self.restartPaths = restartPaths
    }

    /// Whether nothing at all has to be done.
    package var isNothing: Bool { effects.isEmpty }
    /// Whether some change counts only after a restart.
    package var needsRestart: Bool { !restartPaths.isEmpty }
    /// Whether answers about providers may have changed.
    package var affectsProviderAuth: Bool { effects.contains(.modelsAuth) }
}
