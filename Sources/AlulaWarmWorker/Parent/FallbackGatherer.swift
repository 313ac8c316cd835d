package import AlulaAuth
package import AlulaPrimitives

/// Gathers with the worker, and in this process where no worker can be started.
package struct FallbackGatherer: FactGathering {
    private let worker: any FactGathering
    private let substitute: any FactGathering
    private let onSubstitution: @Sendable (GatherError) -> Void

    /// - Parameter onSubstitution: Called with the reason each time the substitute is used, to count and report it.
    package init(
        worker: any FactGathering, substitute: any FactGathering,
        onSubstitution: @escaping @Sendable (GatherError) -> Void
    ) {
        self.worker = worker
        self.substitute = substitute
        self.onSubstitution = onSubstitution
    }

    package func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        do {
            return try await worker.gather(plan, deadline: deadline)
        } catch let error as GatherError where error.code == .cannotStart {
            try Task.checkCancellation()
            onSubstitution(error)
            return try await substitute.gather(plan, deadline: deadline)
        }
    }
}
