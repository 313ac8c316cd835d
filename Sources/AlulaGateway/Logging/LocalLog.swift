package import AlulaConfiguration
package import AlulaPrimitives
package import AlulaState
package import AlulaSystem

/// The log file of a state directory, for whoever reads it without asking the gateway.
package struct LocalLog: Sendable {
    private let tail: LogTail

    /// - Parameters:
    ///   - variables: The process's environment.
    ///   - now: The wall clock.
    ///   - utcOffset: Seconds that local clocks are ahead of UTC at an instant.
    package init(
        settings: LoggingSettings, layout: StateLayout, variables: [String: String], pool: BlockingPool,
        now: @escaping @Sendable () -> Timestamp, utcOffset: @escaping @Sendable (Timestamp) -> Int
    ) {
        let place = LogFilePlace(settings: settings, layout: layout, variables: variables)
        let redactor = LogRedactor(patterns: settings.redactionPatterns ?? [])
        tail = LogTail(pool: pool, redactor: { redactor }) {
            let time = now()
            return try place.current(day: LogLine.day(time, offset: utcOffset(time)))
        }
    }

    /// The part of the file that `query` asks for.
    ///
    /// - Throws: ``SystemError``, or `CancellationError`.
    package func slice(_ query: LogQuery) async throws -> LogSlice { try await tail.slice(query, for: "") }
}
