package import AlulaAuth
package import AlulaInference
import AlulaJSON
package import AlulaModels
import AlulaPrimitives

/// The built-in test model. It needs no login, no network and no disk, and says in every answer what it is.
package struct EchoProvider: ModelProvider, EmbeddingProviding {
    private let clock: any Clock<Duration>
    /// `nil` makes vectors of any size where the call runs.
    private let texts: TextWork?

    /// - Parameters:
    ///   - clock: Paces answers that are to be slow.
    ///   - offloading: Where many vectors are made.
    package init(clock: any Clock<Duration>, offloading: (any ComputeOffloading)? = nil) {
        self.clock = clock
        texts = offloading.map { TextWork(offloading: $0) }
    }

    /// Whether `model` is the test model, with options or without.
    package static func serves(_ model: ModelReference) -> Bool {
        model.provider == ProviderTable.testProvider && name(of: model).name == BuiltInModels.test.model.rawValue
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let options = try Self.options(of: call.target, call.request.extras)
        return EchoStream(
            script: EchoScript(call.request, options: options, model: "\(BuiltInModels.test)"), clock: clock)
    }

    package func embed(_ call: EmbeddingCall) async throws -> EmbeddingAnswer {
        let options = try Self.options(of: call.target, call.request.extras)
        if options.wait > .zero { try await clock.sleep(for: options.wait) }
        if let status = options.failure { throw EchoScript.failure(status) }
        let request = call.request
        let bytes =
            request.approximateBytes(upTo: MessageSize.maximumInline.bytes)
            + request.input.count * (request.dimensions ?? EchoVectors.standardLength) * 4
        guard let texts else { return try EchoVectors.answer(request) }
        return try await texts.work(on: bytes) { () throws(AttemptFailure) in try EchoVectors.answer(request) }
    }

    private static func options(of target: CallTarget, _ extras: JSONObject) throws(AttemptFailure) -> EchoOptions {
        do throws(InferenceError) {
            return try EchoOptions(suffix: name(of: target.route.model).suffix, extras: extras)
        } catch {
            throw AttemptFailure(
                judgement: .refusedInput, message: error.message, status: 400, parameter: error.parameter)
        }
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
