import AlulaConfiguration

/// A part of the gateway that follows the configuration while it runs.
struct ReloadPart: Sendable {
    /// Puts a part that was built into the place of the one that runs. Takes no time and can't fail.
    typealias Swap = @Sendable () -> Void

    /// Stable: it appears in the log and in `health`.
    let name: String
    /// The changes that concern it.
    let effects: Set<ReloadPlan.Effect>
    /// Builds the part anew beside the one that runs; `nil` when nothing about it is new. What it throws leaves the running
    /// part as it is. It has its own deadline.
    let build: @Sendable (LoadedState) async throws -> Swap?
}
