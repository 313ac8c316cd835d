import AlulaPrimitives

/// What a warm works on: the configuration's view of providers and agents, and where to read.
package struct WarmInputs: Sendable, Hashable {
    package var context: AuthContext
    package var environment: EnvironmentFact
    /// Every source there is, whether or not it has to be read this time.
    package var items: [GatherPlan.Item]
    package var markers: Set<String>
    /// How long a single source may take.
    package var sourceDeadline: Duration
    /// What the helper programs behind `secrets.providers` answered, as far as they have.
    package var secretHelpers: [String: Reading<SecretSourceFact>]

    package init(
        context: AuthContext, environment: EnvironmentFact, items: [GatherPlan.Item], markers: Set<String> = [],
        sourceDeadline: Duration = .seconds(2), secretHelpers: [String: Reading<SecretSourceFact>] = [:]
    ) {
        self.context = context
        self.environment = environment
        self.items = items
        self.markers = markers
        self.sourceDeadline = sourceDeadline
        self.secretHelpers = secretHelpers
    }

    /// The part of the plan that `dirt` covers.
    package func plan(for dirt: WarmDirt) -> GatherPlan {
        GatherPlan(
            items: items.filter { dirt.covers($0.source) },
            sourceDeadlineMilliseconds: sourceDeadline.milliseconds, markers: markers)
    }

    /// What has to be read when these inputs take the place of `old`: sources that are new or elsewhere now.
    package func dirt(since old: WarmInputs) -> WarmDirt {
        let known = Set(old.items)
        return WarmDirt(sources: Set(items.filter { !known.contains($0) }.map(\.source)))
    }
}
