package import AlulaState

/// Tries this program as it is installed.
package protocol SelfTesting: Sendable {
    /// - Parameter layout: A state directory that the worker reads, and that nothing is written to; `nil` for an empty one
    ///   made for the trial.
    /// - Throws: ``CommandError`` when nothing can be tried, or `CancellationError`.
    func run(reading layout: StateLayout?) async throws -> SelfTestReport
}

/// A program that can't be tried.
package struct NoSelfTest: SelfTesting {
    package init() {}

    package func run(reading layout: StateLayout?) async throws -> SelfTestReport {
        throw CommandError(.unavailable, "There is no program here that could try itself.")
    }
}
