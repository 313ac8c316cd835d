import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProviders

extension FuzzTarget {
    /// Streams of providers: read the same wherever they are cut, into an answer or a failure that shows no key.
    static let providerStreams = FuzzTarget("provider-streams") { input in
        var input = input
        let kind = input.choice(ProviderStream.kinds)
        let place = Int(input.byte())
        let bytes = input.bytes.planting(Canary.text)
        let login = OpenedLogin(secret: Secret(Canary.text))
        let whole = outcome([bytes], of: kind, login)
        let cut = outcome([Array(bytes.prefix(place)), Array(bytes.dropFirst(place))], of: kind, login)
        try require(whole == cut, "a stream that is cut says something else")
        try require(outcome(bytes.map { [$0] }, of: kind, login) == whole, "single bytes say something else")
        switch whole {
        case .failure(let failure):
            try require(failure.message.utf8.count <= 8000, "a failure is endless")
            try Canary.check(failure.message, "a failure")
        case .success(let events):
            let begun = events.filter { if case .started = $0 { true } else { false } }
            let ends = events.filter { if case .finished = $0 { true } else { false } }
            try require(begun.count <= 1, "an answer begins twice")
            try require(ends.count == 1, "an answer does not end once")
            var assembler = AnswerAssembler()
            for event in events { try assembler.take(event) }
            _ = try assembler.answer()
        }
    }

    private static func outcome(
        _ parts: [[UInt8]], of kind: APIKind, _ login: OpenedLogin
    ) -> Result<[InferenceEvent], AttemptFailure> {
        do throws(AttemptFailure) {
            return .success(try ProviderStream.read(parts, of: kind, login: login))
        } catch {
            return .failure(error)
        }
    }
}
