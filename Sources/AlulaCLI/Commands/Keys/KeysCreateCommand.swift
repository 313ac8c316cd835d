import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import ArgumentParser

/// `alula keys create`.
struct KeysCreateCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an API key and print it, once.",
        usage: """
            alula keys create laptop
            alula keys create kids --model 'openai/*' --requests-per-minute 20 --tokens-per-day 200000 --expires-in 90d
            """,
        discussion: """
            Standard output gets the key and nothing else. A model is named in full (openai/gpt-5.5), or by a beginning and \
            an asterisk (openai/*). A day is one of UTC; the request that reaches its limit of tokens is still answered.
            """)

    @Argument(help: "What to call the key: letters, digits, dots, dashes and underscores.") var name: String
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("A model that may be asked; may be repeated. All, when none is named.", valueName: "model"))
    var models: [String] = []
    @Option(help: ArgumentHelp("Requests in any minute at most.", valueName: "count")) var requestsPerMinute: Int?
    @Option(help: ArgumentHelp("Tokens in a day at most.", valueName: "count")) var tokensPerDay: Int?
    @Option(help: ArgumentHelp("End the key by itself after this time: 12h, 90d.", valueName: "time"))
    var expiresIn: String?
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { nil }

    func validate() throws {
        guard APIKey.isName(name) else {
            throw ValidationError(
                "A name has 1 to \(APIKey.maximumName) letters, digits, dots, dashes and underscores.")
        }
        if let model = models.first(where: { ModelPattern($0) == nil }) {
            throw ValidationError("\"\(model)\" names no model; write provider/model, provider/* or *.")
        }
        if let count = requestsPerMinute, !(1...APIKeyLimits.maximumRequestsPerMinute).contains(count) {
            throw ValidationError("--requests-per-minute takes 1 to \(APIKeyLimits.maximumRequestsPerMinute).")
        }
        if let count = tokensPerDay, count < 1 { throw ValidationError("--tokens-per-day takes 1 or more.") }
        if let expiresIn, ShortDuration(expiresIn) == nil {
            throw ValidationError("--expires-in takes a number and a unit, such as 12h or 90d.")
        }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let limits = APIKeyLimits(
            models: models.compactMap { ModelPattern($0) }, requestsPerMinute: requestsPerMinute,
            tokensPerDay: tokensPerDay)
        let lifetime = expiresIn.flatMap { ShortDuration($0)?.duration }
        let made = try await session.environment.apiKeys(session.context).create(
            name: name, expiresAt: lifetime.map { session.environment.now().advanced(by: $0) }, limits: limits)
        if options.json {
            var document = made.key.document.object ?? JSONObject()
            document["key"] = .string(made.text.exposed)
            session.output.document(.object(document))
        } else {
            session.output.line(made.text.exposed)
            session.output.note(
                "This is the only time that the key is shown. Revoke it with: alula keys revoke \(name)")
        }
        return .done
    }
}
