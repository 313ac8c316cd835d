package import AlulaAuth
package import AlulaInference
import AlulaModels
package import AlulaPrimitives

/// Asks providers over HTTP how much of an account's allowance is used.
package struct HTTPQuotaEndpoint: QuotaEndpoint {
    /// Answers are small; a larger one is none.
    private static let maximumAnswer = ByteCount.kibibytes(64)

    private let client: UpstreamClient
    private let logins: any LoginOpening
    private let texts: TextWork

    /// - Parameter offloading: Where keys are opened that a configuration has for the connection.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        self.client = client
        self.logins = logins
        texts = TextWork(offloading: offloading)
    }

    package func quota(_ question: QuotaQuestion, until deadline: Deadline) async throws -> ProviderQuota {
        let target = CallTarget(
            FailoverRoute(model: ModelReference(provider: question.provider, model: ""), login: question.login),
            for: question.agent, until: deadline)
        let login = try await logins.open(target)
        guard login.secret != nil else {
            throw QuotaAnswerDecoder.failure("The login has nothing that could be shown.")
        }
        do {
            try await client.prepare(login.transport, on: texts)
            let (answer, shown) = try await client.get(
                question.url, as: login, headers: { Self.headers($0, question.format) }, until: deadline)
            guard answer.status == 200 else {
                throw QuotaAnswerDecoder.failure(status: answer.status, retryAfter: answer.retryAfter)
            }
            let bytes = try await answer.body.rest(upTo: Self.maximumAnswer)
            return try QuotaAnswerDecoder.decode(bytes, as: question.format, hiding: [login, shown])
        } catch let failure as AttemptFailure {
            // Its own words are about a setting for requests to models.
            guard failure == UpstreamCall.overTime else { throw login.redacted(failure) }
            throw QuotaAnswerDecoder.failure("The provider did not say its quota in time.")
        }
    }

    /// What the configuration adds to a provider's headers is for requests to its models, and stays out.
    static func headers(_ login: OpenedLogin, _ format: QuotaEntry.Format) -> [(name: String, value: String)] {
        var headers = [(name: "accept", value: "application/json"), (name: "user-agent", value: "alula")]
        let secret = login.secret?.exposed ?? ""
        headers.append((name: "authorization", value: "\(format == .githubCopilot ? "token" : "Bearer") \(secret)"))
        switch format {
        case .anthropicAccount:
            headers.append((name: "anthropic-version", value: "2023-06-01"))
            headers.append((name: "anthropic-beta", value: "oauth-2025-04-20"))
        case .chatGPTAccount:
            headers.append((name: "originator", value: "alula"))
            if let account = login.account { headers.append((name: "chatgpt-account-id", value: account)) }
        case .githubCopilot: headers.append((name: "x-github-api-version", value: "2025-04-01"))
        case .zai: break
        }
        return headers
    }
}
