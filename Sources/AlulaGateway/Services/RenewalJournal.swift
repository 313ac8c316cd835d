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
        metadata[LogKey.errorCode] = "\(failure.code.rawValue)"
        metadata[LogKey.errorCause] = "\(failure.message)"
        if told[event.token] == failure.code {
            logger.debug("A login can't be renewed", metadata: metadata)
        } else {
            if told.count >= Self.maximumTold { told = [:] }
            told[event.token] = failure.code
            logger.warning("A login can't be renewed", metadata: metadata)
        }
        // What nobody was asked about, and what may be over already, is no state of the login.
        guard event.restsUntil != nil || failure.code.needsPerson else { return }
        await scheduler.hold(RenewalTrouble(failure: failure, until: event.restsUntil), of: event.token)
    }
}
