import AlulaConfiguration
import AlulaGateway
import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem

/// The log file, read in this process by the gateway's own code.
struct LiveLogReader: LogReading {
    private let log: LocalLog

    init(_ log: LocalLog) { self.log = log }

    func tail(cursor: Int64?, maximumLines: Int, maximumBytes: Int) async throws -> JSONValue {
        do {
            return try await log.slice(
                LogQuery(cursor: cursor, maximumLines: maximumLines, maximumBytes: maximumBytes)
            ).payload
        } catch let error as SystemError {
            throw CommandError(.unavailable, "The log file can't be read. \(error.message)", underlying: error)
        }
    }
}
