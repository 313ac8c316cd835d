import AlulaAuth
import AlulaCredentials
import AlulaPrimitives
import Logging

/// Tells operators and status what becomes of OAuth logins that are due: each change once, as it was.
actor RenewalJournal {
    /// Logins whose trouble is told; more are told again when they come back.
    private static let maximumTold = 4096

    private let scheduler: WarmScheduler
    private let logger: Logger
    private var told: [FactVersion: RenewalFailure.Code] = [:]

    init(scheduler: WarmScheduler, logger: Logger) {
        self.scheduler = scheduler
        self.logger = logger
    }

    func take(_ event: RenewalEvent) async {
        var metadata: Logger.Metadata = [
            LogKey.provider: "\(event.provider)", LogKey.profile: "\(event.profile)",
        ]
        if !event.unwritten.isEmpty {
            metadata["stores"] = "\(event.unwritten.count)"
            logger.warning(
                "A renewed login could not be stored everywhere; it is kept and tried again", metadata: metadata)
        }
        guard let failure = event.failure else {
            metadata["outcome"] = "\(event.outcome.rawValue)"
            if told.removeValue(forKey: event.token) != nil {
                logger.notice("A login can be renewed again", metadata: metadata)
            } else {
                logger.debug("A login was renewed", metadata: metadata)
            }
            return await scheduler.hold(nil, of: event.token)
        }
        await tell(
            failure, of: event.token, "A login can't be renewed", metadata,
            // What nobody was asked about, and what may be over already, is no state of the login.
            isHeld: event.restsUntil != nil || failure.code.needsPerson, until: event.restsUntil)
    }

    /// Tells what became of a stored token that a pass was asked for.
    func take(_ event: LoginPasses.Event) async {
        let metadata: Logger.Metadata = [LogKey.provider: "\(event.provider)"]
        guard let (failure, end) = event.failure else {
            if told.removeValue(forKey: event.token) != nil {
                logger.notice("A login gets tokens from its provider again", metadata: metadata)
            }
            return await scheduler.hold(nil, of: event.token)
        }
        await tell(
            failure.renewal, of: event.token, "A login gets no token from its provider", metadata, isHeld: true,
            until: end)
    }

    private func tell(
        _ failure: RenewalFailure, of token: FactVersion, _ message: Logger.Message, _ metadata: Logger.Metadata,
        isHeld: Bool, until end: Timestamp?
    ) async {
        var metadata = metadata
        metadata[LogKey.errorCode] = "\(failure.code.rawValue)"
        metadata[LogKey.errorCause] = "\(failure.message)"
        if told[token] == failure.code {
            logger.debug(message, metadata: metadata)
        } else {
            if told.count >= Self.maximumTold { told = [:] }
            told[token] = failure.code
            logger.warning(message, metadata: metadata)
        }
        if isHeld { await scheduler.hold(RenewalTrouble(failure: failure, until: end), of: token) }
    }
}
