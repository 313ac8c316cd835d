package import AlulaInference
import AlulaModels
package import AlulaPrimitives
import AlulaSystem

/// Reads the usage database, also while a gateway writes it, and changes nothing, not even beside it.
package enum UsageReader {
    /// Slices that are read at most: a busy year of many names.
    package static let maximumSlices = 500_000

    /// What was used in `range`, in no particular order; nothing when there is no database. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/databaseBusy``, ``StateError/Code/databaseUnreadable``,
    ///   ``StateError/Code/databaseForeign`` or ``StateError/Code/fileUnusable``.
    package static func slices(at path: String, in range: Range<Timestamp>) throws(StateError) -> [UsageSlice] {
        try DatabaseSnapshot.read(path) { database throws(StateError) in try slices(database, range) } ?? []
    }

    private static func slices(
        _ database: ReadOnlyDatabase, _ range: Range<Timestamp>
    ) throws(StateError) -> [UsageSlice]? {
        func pragma(_ name: StaticString) throws(StateError) -> Int64 {
            let statement = try database.statement("PRAGMA \(name)")
            return try statement.step() ? statement.integer(0) : 0
        }
        // One that somebody has just begun to make.
        if try pragma("schema_version") == 0 { return nil }
        guard try pragma("application_id") == UsageSchema.application,
            try pragma("user_version") == UsageSchema.version
        else { throw UsageSchema.newer }
        let statement = try database.statement(query)
        try statement.bind(range.lowerBound.milliseconds, at: 1)
        try statement.bind(range.upperBound.milliseconds, at: 2)
        var slices: [UsageSlice] = []
        while try statement.step() {
            guard slices.count < maximumSlices else {
                throw StateError(
                    .databaseUnreadable, "That is more use than can be read at once; ask for fewer days.")
            }
            slices.append(slice(statement))
        }
        return slices
    }

    private static let query = """
        SELECT ended_at / \(UsageSlice.length) AS quarter, provider, model, api_key, agent, COUNT(*),
            SUM(outcome = 'failed'), SUM(outcome = 'cancelled'), SUM(incomplete), SUM(input_cost IS NULL),
            SUM(input), SUM(output), SUM(cache_read), SUM(cache_write), SUM(reasoning),
            SUM(input_cost), SUM(output_cost), SUM(cache_read_cost), SUM(cache_write_cost)
        FROM requests WHERE ended_at >= ?1 AND ended_at < ?2 GROUP BY quarter, provider, model, api_key, agent
        """

    private static func slice(_ row: DatabaseStatement) -> UsageSlice {
        var totals = UsageTotals()
        totals.requests = row.integer(5)
        totals.failed = row.integer(6)
        totals.cancelled = row.integer(7)
        totals.incomplete = row.integer(8)
        totals.withoutCost = row.integer(9)
        totals.tokens = UsageTokens(
            input: row.integer(10), output: row.integer(11), cacheRead: row.integer(12), cacheWrite: row.integer(13),
            reasoning: row.integer(14))
        totals.cost = UsageCost(
            input: row.integer(15), output: row.integer(16), cacheRead: row.integer(17), cacheWrite: row.integer(18))
        return UsageSlice(
            start: Timestamp(milliseconds: row.integer(0) * UsageSlice.length),
            names: UsageNames(
                model: ModelReference(
                    provider: ProviderID(row.text(1) ?? ""), model: ModelID(row.text(2) ?? "")),
                apiKey: row.text(3), agent: row.text(4).map { AgentID($0) }),
            totals: totals)
    }
}
