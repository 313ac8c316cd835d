import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders
import AlulaServer

/// Answers requests to models: finds out which model is meant, has it asked, and says what came of it.
struct InferenceDesk: Sendable {
    let echo: EchoProvider

    /// - Throws: `AnswerError` when nobody answers, `CancellationError` when nobody waits any more.
    func answer(_ request: InferenceRequest) async throws -> BegunAnswer {
        if let count = request.sampling.choiceCount, count > 1 {
            throw AnswerError(.badRequest, "`n` must be 1: one answer is given to each request.", parameter: "n")
        }
        guard let model = ModelReference(request.model), EchoProvider.serves(model) else {
            throw AnswerError(
                .modelNotFound,
                "The model `\(request.model.prefix(200))` can't be asked through this gateway yet; \(BuiltInModels.test) answers.",
                parameter: "model")
        }
        let route = FailoverRoute(model: model, login: .unneeded)
        do {
            let stream = try await BegunStream.begin(try await echo.answer(request, as: model), through: route)
            return BegunAnswer(model: BuiltInModels.test, attempts: 1, stream: stream)
        } catch let failure as AttemptFailure {
            throw AnswerError(FailoverFailure(.exhausted, failure, of: route))
        }
    }
}

extension FailoverFailure {
    /// What one failed attempt means when nothing else is tried.
    init(_ cause: Cause, _ failure: AttemptFailure, of route: FailoverRoute) {
        self.init(cause: cause, segments: [.attempt(route, failure)], soonestRecovery: nil)
    }
}
