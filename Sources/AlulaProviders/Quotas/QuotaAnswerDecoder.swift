package import AlulaAuth
package import AlulaInference
import AlulaJSON
package import AlulaModels

/// What an answer about a quota means. Of what a provider says in words nothing is repeated but the name of a plan.
package enum QuotaAnswerDecoder {
    /// More windows of one account are no answer to anybody.
    static let maximumWindows = 16

    /// Reads the body of an answer that says that all is well.
    ///
    /// - Parameter logins: Those that the provider was shown, and may repeat.
    /// - Throws: ``AttemptFailure`` for a body that says something else, or nothing that is understood.
    package static func decode(
        _ bytes: [UInt8], as format: QuotaEntry.Format, hiding logins: [OpenedLogin] = []
    ) throws(AttemptFailure) -> ProviderQuota {
        guard let object = TokenAnswerDecoder.parse(bytes)?.object else {
            throw failure("The provider's answer about its quota is no JSON object.")
        }
        var quota =
            switch format {
            case .anthropicAccount: anthropicAccount(object)
            case .chatGPTAccount: chatGPTAccount(object)
            case .githubCopilot: githubCopilot(object)
            case .zai: try zai(object)
            }
        guard quota != ProviderQuota() else {
            if let error = object["error"], !error.isNull {
                throw failure("The provider answered with an error in place of its quota.")
            }
            throw failure("The provider's answer names no quota that is known here.")
        }
        quota.plan = logins.reduce(quota.plan) { plan, login in plan.map(login.redacted) }
        return quota
    }

    /// What a status means that is none of success.
    static func failure(status: Int, retryAfter: Duration? = nil) -> AttemptFailure {
        let words =
            switch status {
            case 300...399: "The provider sends elsewhere for its quota (\(status)), where nobody goes with a login."
            case 401: "The provider does not take the login any more (401)."
            case 403: "The provider does not tell this login its quota (403); one made for answers alone is not told."
            case 404: "The provider knows no quota of this login (404)."
            case 429: "The provider wants to be asked for its quota later (429)."
            case 408, 500...599: "The provider has trouble saying its quota (\(status))."
            default: "The provider's answer about its quota is none (\(status))."
            }
        return failure(words, status: status, retryAfter: retryAfter)
    }

    /// It says nothing about what a request would meet, so that no login rests for it.
    static func failure(_ words: String, status: Int? = nil, retryAfter: Duration? = nil) -> AttemptFailure {
        AttemptFailure(judgement: .failure(.unclassified), message: words, status: status, retryAfter: retryAfter)
    }
}
