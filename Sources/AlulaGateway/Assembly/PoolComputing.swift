import AlulaAuth
import AlulaPrimitives
import AlulaSystem

/// Computes on the blocking pool what would hold a thread of the cooperative one for too long.
struct PoolComputing: ComputeOffloading {
    let pool: BlockingPool
    /// What is computed, for ``WorkRegister``.
    var label: StaticString = "weigh facts"
    /// How long whoever asks waits.
    var limit = WarmScheduler.warmDeadline

    func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
        try await pool.run(label, deadline: .after(limit), work)
    }
}
