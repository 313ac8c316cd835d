import AlulaPrimitives
import AlulaState

/// Chooses who answers: the running gateway, or this process when none runs.
struct AnswerRouter {
    /// A source and where it is.
    struct Route {
        var source: any AnswerSource
        /// The gateway's address; `nil` when this process answers.
        var gateway: String?
        /// Why a gateway that seems to run was not asked; `nil` when all is well.
        var failure: CommandError?
    }

    let environment: CommandEnvironment
    let context: CommandContext

    /// The gateway to ask: the one that was named, else the one that runs here; `nil` when there is none.
    func target() async throws -> RunningGateway? {
        if let url = context.url { return RunningGateway(url: url, credential: nil) }
        return try await environment.locator.runningGateway(context)
    }

    /// A source for questions that either can answer. A gateway that does not answer is passed over with a note, unless
    /// it was named.
    func route() async throws -> Route {
        guard let target = try await target() else {
            return Route(source: try await environment.localAnswers(context), gateway: nil, failure: nil)
        }
        do {
            return Route(source: try await connect(to: target), gateway: target.url, failure: nil)
        } catch let error as CommandError where context.url == nil {
            return Route(source: try await environment.localAnswers(context), gateway: nil, failure: error)
        }
    }

    /// The gateway, for what only a running one can answer.
    func gateway() async throws -> (source: any AnswerSource, url: String) {
        let target = try await runningTarget()
        return (try await connect(to: target), target.url)
    }

    /// Where the gateway is, for what only a running one can answer.
    func runningTarget() async throws -> RunningGateway {
        guard let target = try await target() else {
            throw CommandError(
                .gatewayUnreachable,
                "No gateway is running on \(context.layout.state). Start one with: alula gateway run")
        }
        return target
    }

    func connect(to target: RunningGateway) async throws -> any AnswerSource {
        do {
            return try await environment.connector.connect(
                to: target.url, credential: credential(for: target), timeout: context.timeout)
        } catch let error as CommandError {
            throw error.advised
        }
    }

    /// What a gateway is shown to let this caller in.
    func credential(for target: RunningGateway) -> GatewayCredential? {
        context.token.map(GatewayCredential.token) ?? context.password.map(GatewayCredential.password)
            ?? (context.isURLExplicit ? nil : target.credential)
    }
}

extension CommandError {
    /// The same error with what to type next.
    fileprivate var advised: CommandError {
        let advice: String
        switch code {
        case .credentialRejected: advice = "Set ALULA_GATEWAY_TOKEN to the gateway's token."
        case .gatewayUnreachable, .timedOut: advice = "Look with: alula gateway status"
        case .usage, .notFound, .requestRefused, .configurationInvalid, .storeUnavailable, .malformedAnswer,
            .unavailable:
            return self
        }
        let sentence = message.hasSuffix(".") ? message : message + "."
        return CommandError(code, "\(sentence) \(advice)", detailCode: detailCode, underlying: underlying)
    }
}
