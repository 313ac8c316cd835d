import AlulaJSON
import AlulaPrimitives

/// Asks for the log again and again: the running gateway if there is one, else the file, and back again.
///
/// Both answer with places in the same file, so going from one to the other loses and repeats nothing.
struct LogFollower {
    /// What came of one question.
    struct Part {
        var file: String
        var cursor: Int64
        var size: Int64
        var lines: [String]
        var isTruncated: Bool
        var isReset: Bool
        /// What happened to the gateway meanwhile.
        var notice: String?
    }

    private let session: CommandSession
    private let maximumLines: Int
    private let maximumBytes: Int
    private var gateway: (any AnswerSource)?
    private var file: (any LogReading)?
    private var cursor: Int64?
    /// Why the gateway was not asked the last time.
    private var trouble: String?
    private var hadGateway = false

    init(session: CommandSession, maximumLines: Int, maximumBytes: Int) {
        self.session = session
        self.maximumLines = maximumLines
        self.maximumBytes = maximumBytes
    }

    /// What was added since the last time, or the end of the log the first time.
    mutating func next() async throws -> Part {
        var notice = await connect()
        if let source = gateway {
            do {
                return try part(of: await source.ask("logs.tail", parameters), notice: notice)
            } catch let error as CommandError {
                await source.close()
                gateway = nil
                guard Self.mayPass(error) else { throw error }
                notice = told(error.message)
            }
        }
        guard session.context.url == nil else {
            throw CommandError(.gatewayUnreachable, trouble ?? "The gateway does not answer.")
        }
        let reader: any LogReading
        if let file { reader = file } else { reader = try await session.environment.logs(session.context) }
        file = reader
        let answer = try await reader.tail(cursor: cursor, maximumLines: maximumLines, maximumBytes: maximumBytes)
        return try part(of: answer, notice: notice)
    }

    /// Ends the connection, if there is one.
    mutating func close() async {
        await gateway?.close()
        gateway = nil
    }

    // MARK: Steps

    /// Finds a gateway if none is connected.
    private mutating func connect() async -> String? {
        guard gateway == nil else { return nil }
        do {
            guard let target = try await session.router.target() else {
                return hadGateway ? told("The gateway has stopped.") : nil
            }
            gateway = try await session.router.connect(to: target)
            defer { (hadGateway, trouble) = (true, nil) }
            return trouble == nil ? nil : "The gateway is back."
        } catch {
            return told((error as? CommandError)?.message ?? "The gateway does not answer.")
        }
    }

    /// The same trouble is told once.
    private mutating func told(_ reason: String) -> String? {
        defer { trouble = reason }
        guard trouble == nil else { return nil }
        return session.context.url == nil ? "\(reason) Reading the log file until it answers." : reason
    }

    /// Whether the file can stand in: a gateway that went away may come back, one that refuses the method has none.
    private static func mayPass(_ error: CommandError) -> Bool {
        switch error.code {
        case .gatewayUnreachable, .timedOut, .credentialRejected, .unavailable, .requestRefused: true
        case .usage, .notFound, .configurationInvalid, .storeUnavailable, .malformedAnswer: false
        }
    }

    private var parameters: JSONValue {
        var object = JSONObject()
        object["cursor"] = cursor.map { .number($0) }
        object["limit"] = .number(maximumLines)
        object["maxBytes"] = .number(maximumBytes)
        return .object(object)
    }

    private mutating func part(of answer: JSONValue, notice: String?) throws -> Part {
        guard let file = answer["file"]?.string, let cursor = answer["cursor"]?.integer else {
            throw CommandError(.malformedAnswer, "The gateway's answer to logs.tail makes no sense.")
        }
        self.cursor = cursor
        return Part(
            file: file, cursor: cursor, size: answer["size"]?.integer ?? cursor, lines: answer["lines"]?.strings ?? [],
            isTruncated: answer["truncated"]?.bool ?? false, isReset: answer["reset"]?.bool ?? false, notice: notice)
    }
}
