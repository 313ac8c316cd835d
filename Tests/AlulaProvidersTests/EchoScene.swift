import AlulaInference
import AlulaJSON
import AlulaModels

@testable import AlulaProviders

/// Runs the test model's script without a clock.
enum EchoScene {
    static func request(_ text: String = "Hello there, world", _ adjust: (inout InferenceRequest) -> Void = { _ in })
        -> InferenceRequest
    {
        var request = InferenceRequest(
            model: "alula/echo", messages: [Message(.user, text)], dialect: .openAIChat)
        adjust(&request)
        return request
    }

    static func steps(_ suffix: String? = nil, _ request: InferenceRequest = request()) throws -> [EchoScript.Step] {
        var script = EchoScript(
            request, options: try EchoOptions(suffix: suffix, extras: request.extras), model: "alula/echo")
        var steps: [EchoScript.Step] = []
        while let step = script.next(), steps.count < 10_000 {
            steps.append(step)
            if case .failure = step { break }
            if case .stall = step { break }
        }
        return steps
    }

    static func answer(_ suffix: String? = nil, _ request: InferenceRequest = request()) throws -> InferenceAnswer {
        var assembler = AnswerAssembler()
        for case .piece(let event) in try steps(suffix, request) { try assembler.take(event) }
        return try assembler.answer()
    }
}
