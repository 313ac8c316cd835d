import AlulaInference
import AlulaModels
import AlulaPrimitives
import Synchronization

/// Follows one request to a model and hands over its record exactly once: when it is over, or when nobody holds the meter
/// any more, since a caller who hangs up lets go of an answer without a word.
final class RequestMeter: Sendable {
    /// Who asks.
    struct Caller: Sendable {
        var operation: UsageRecord.Operation
        var agent: AgentID
        /// The name of the caller's key; `nil` for the gateway's own secret.
        var apiKey: String?
        /// Whom the caller means; `nil` when that is nobody.
        var model: ModelReference?
    }

    private struct State {
        var account = UsageAccount()
        var isOver = false
    }

    private let state = Mutex(State())
    private let caller: Caller
    private let began = ContinuousClock.now
    private let book: UsageBook

    init(_ caller: Caller, in book: UsageBook) {
        self.caller = caller
        self.book = book
    }

    deinit {
        let state = state.withLock { $0 }
        if !state.isOver { hand(state.account, state.account.isFinished ? .completed : .cancelled) }
    }

    /// Somebody is asked.
    func asks(_ route: FailoverRoute) { state.withLock { $0.account.asked(route) } }

    /// A piece of an answer came, before which nothing but news about it did.
    func begins(_ event: InferenceEvent) { state.withLock { $0.account.took(event) } }

    /// Another piece came. Most take no lock.
    func took(_ event: InferenceEvent) {
        if UsageAccount.counts(event) { state.withLock { $0.account.took(event) } }
    }

    /// Nothing follows.
    func ended() { settle { $0.isFinished ? .completed : .failed(UsageBook.brokenOff) } }

    /// Nobody answered, or the answer broke off.
    func failed(_ code: String) { settle { _ in .failed(code) } }

    private func settle(_ outcome: (UsageAccount) -> UsageRecord.Outcome) {
        let account = state.withLock { state -> UsageAccount? in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state.account
        }
        if let account { hand(account, outcome(account)) }
    }

    private func hand(_ account: UsageAccount, _ outcome: UsageRecord.Outcome) {
        // Nobody has to answer for a request about no model.
        guard let model = account.route?.model ?? caller.model else { return }
        let catalog = book.catalog()
        let record = account.record(
            ending: outcome, at: book.now(), after: began.duration(to: .now), of: caller.operation,
            agent: caller.agent, apiKey: caller.apiKey, naming: model, price: { catalog[$0]?.price })
        book.take(record, catalog[record.model] != nil)
    }
}

/// Where requests to models are accounted for.
struct UsageBook: Sendable {
    /// The code of an answer that ended without its end.
    static let brokenOff = "upstream"

    let now: @Sendable () -> Timestamp
    /// The models and their prices by the settings of this moment.
    let catalog: @Sendable () -> ModelCatalog
    /// Hears of each request that is over, and whether the catalogue has its model. It is called anywhere and waits for
    /// nothing.
    let take: @Sendable (UsageRecord, _ isListed: Bool) -> Void
}
