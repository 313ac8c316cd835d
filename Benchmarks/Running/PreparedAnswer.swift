import AlulaJSON
package import AlulaMeasuring

/// The moment from which a client gets prepared answers.
package enum PreparedAnswer {
    /// Blocks until `health` tells when its answers were prepared.
    package static func wait(_ server: RunningServer) throws -> MonotonicTime {
        let client = try server.connect()
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 30_000)
        while MonotonicTime.now < deadline {
            if holdsPreparation(try client.call("health", deadline: deadline)) { return .now }
            MonotonicTime.sleep(milliseconds: 0.5)
        }
        throw BenchmarkError(.timedOut, "No answer was prepared.")
    }

    private static func holdsPreparation(_ value: JSONValue) -> Bool {
        guard let object = value.object else { return false }
        return object["preparedAt"] != nil || object.contains { holdsPreparation($0.value) }
    }
}
