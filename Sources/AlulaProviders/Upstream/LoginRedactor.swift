import AlulaInference
import AlulaPrimitives

/// Takes a login's secrets out of what a provider says: some repeat them.
struct LoginRedactor: Sendable {
    private let secrets: [Secret]

    init(_ login: OpenedLogin) {
        let all = [login.secret].compactMap(\.self) + login.headers.map(\.value) + login.hidden
        secrets = (all + (login.transport?.secrets ?? [])).filter { $0.exposed.utf8.count >= 6 }
    }

    /// A provider's words without the secrets.
    func redacted(_ text: String) -> String {
        secrets.reduce(text) { text, secret in text.replacing(secret.exposed, with: Secret.placeholder) }
    }

    func redacted(_ failure: AttemptFailure) -> AttemptFailure {
        AttemptFailure(
            judgement: failure.judgement, message: redacted(failure.message), status: failure.status,
            retryAfter: failure.retryAfter, parameter: failure.parameter)
    }
}

extension OpenedLogin {
    func redacted(_ text: String) -> String { LoginRedactor(self).redacted(text) }
    func redacted(_ failure: AttemptFailure) -> AttemptFailure { LoginRedactor(self).redacted(failure) }
}
