import AlulaAuth
import AlulaGateway
import AlulaJSON
import AlulaProtocol
import AlulaSystem

/// The gateway's own answers, computed in this process.
struct LiveLocalAnswers: LocalAnswering {
    private let answers: LocalAnswers

    init(_ answers: LocalAnswers) { self.answers = answers }

    func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        try await translated { try await answers.ask(method, parameters) }
    }

    func prepared(runsHelpers: Bool) async throws -> PreparedAuth {
        try await translated { try await answers.prepared(runsHelpers: runsHelpers) }
    }

    private func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as GatewayError {
            let isRefusal = error.code == .invalidRequest
            throw CommandError(
                isRefusal ? .requestRefused : .unavailable, error.message, detailCode: error.detailCode,
                underlying: error)
        } catch let error as SystemError {
            throw CommandError(
                .unavailable, "The state directory can't be looked at. \(error.message)", underlying: error)
        }
    }
}
