package import AlulaInference
package import AlulaModels
import AlulaPrimitives

/// The built-in test model. It needs no login, no network and no disk, and says in every answer what it is.
package struct EchoProvider: ModelProvider {
    private let clock: any Clock<Duration>

    /// - Parameter clock: Paces answers that are to be slow.
    package init(clock: any Clock<Duration>) { self.clock = clock }

    /// Whether `model` is the test model, with options or without.
    package static func serves(_ model: ModelReference) -> Bool {
        model.provider == ProviderTable.testProvider && name(of: model).name == BuiltInModels.test.model.rawValue
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let options: EchoOptions
        do {
            options = try EchoOptions(suffix: Self.name(of: call.route.model).suffix, request: call.request)
        } catch {
            throw AttemptFailure(
                judgement: .refusedInput, message: error.message, status: 400, parameter: error.parameter)
        }
        return EchoStream(
            script: EchoScript(call.request, options: options, model: "\(BuiltInModels.test)"), clock: clock)
    }

    /// A model's own name, and the options behind it.
    private static func name(of model: ModelReference) -> (name: String, suffix: String?) {
        let parts = model.model.rawValue.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
    }
}

/// Plays a script at its pace.
private struct EchoStream: AnswerStream {
    var script: EchoScript
    let clock: any Clock<Duration>

    mutating func next() async throws -> InferenceEvent? {
        while let step = script.next() {
            switch step {
            case .pause(let time): try await clock.sleep(for: time)
            case .piece(let event): return event
            case .failure(let failure): throw failure
            case .stall:
                // Until whoever waits is cancelled; the longest sleep that clocks add up safely.
                while true { try await clock.sleep(for: .seconds(86_400)) }
            }
        }
        return nil
    }
}
