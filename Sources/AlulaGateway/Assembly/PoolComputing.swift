import AlulaAuth
import AlulaPrimitives
import AlulaSystem

/// Computes on the blocking pool what would hold a thread of the cooperative one for too long.
struct PoolComputing: ComputeOffloading {
    let pool: BlockingPool

    func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
        try await pool.run("weigh facts", deadline: .after(WarmScheduler.warmDeadline), work)
    }
}
