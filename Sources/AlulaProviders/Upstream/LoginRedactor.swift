import AlulaInference
import AlulaPrimitives

extension OpenedLogin {
    /// A provider's words without this login's secrets, which some of them repeat.
    func redacted(_ text: String) -> String {
        var text = text
        let secrets = [secret].compactMap(\.self) + headers.map(\.value) + hidden + (transport?.secrets ?? [])
        for secret in secrets where secret.exposed.utf8.count >= 6 {
            text = text.replacing(secret.exposed, with: Secret.placeholder)
        }
        return text
    }

    func redacted(_ failure: AttemptFailure) -> AttemptFailure {
        AttemptFailure(
            judgement: failure.judgement, message: redacted(failure.message), status: failure.status,
            retryAfter: failure.retryAfter, parameter: failure.parameter)
    }
}
