package import AlulaAuth
package import AlulaPrimitives
package import AlulaSystem

/// Gathers facts on the blocking pool of this process, for machines that start no second one.
package struct BlockingPoolGatherer: FactGathering {
    private let pool: BlockingPool
    private let reader: any FactReading
    private let parallelism: Int

    /// - Parameter parallelism: Sources that are read at once. The pool's threads should be more, so that others get
    ///   theirs; a source's time runs from when it is handed to the pool.
    package init(pool: BlockingPool, reader: any FactReading, parallelism: Int = 4) {
        self.pool = pool
        self.reader = reader
        self.parallelism = max(1, parallelism)
    }

    package func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        try Task.checkCancellation()
        let readings = try await withThrowingTaskGroup(of: (Int, SourceReading).self) { group in
            var rest = plan.items.enumerated().makeIterator()
            for _ in 0..<parallelism {
                guard let (index, item) = rest.next() else { break }
                group.addTask { (index, try await read(item, of: plan, deadline: deadline)) }
            }
            var readings: [(Int, SourceReading)] = []
            readings.reserveCapacity(plan.items.count)
            for try await reading in group {
                readings.append(reading)
                guard let (index, item) = rest.next() else { continue }
                group.addTask { (index, try await read(item, of: plan, deadline: deadline)) }
            }
            return readings
        }
        return GatheredFacts(
            readings: readings.sorted { $0.0 < $1.0 }.map(\.1), gathering: .blockingPool)
    }

    private func read(
        _ item: GatherPlan.Item, of plan: GatherPlan, deadline: Deadline
    ) async throws -> SourceReading {
        let allowance = Duration.milliseconds(plan.sourceDeadlineMilliseconds)
        do {
            return try await pool.run("read a source of facts", deadline: deadline.capped(at: allowance)) {
                [reader, markers = plan.markers] in reader.read(item, markers: markers)
            }
        } catch let error as SystemError {
            switch error.code {
            case .deadlineExceeded where deadline.hasPassed:
                throw GatherError(
                    .deadlineExceeded, "Reading the sources did not finish in time.", underlying: error)
            case .deadlineExceeded:
                return item.timedOut(afterMilliseconds: plan.sourceDeadlineMilliseconds)
            default:
                throw GatherError(.saturated, "This process has no thread left to read with.", underlying: error)
            }
        }
    }
}
