import AlulaInference
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem
import Crypto
import Logging
import Synchronization

/// The API keys of the state directory in memory, and what each has used of its limits.
///
/// The file is what counts: a key that is made or revoked by the command line is one here as soon as the change is noticed.
/// A file that can't be read takes nobody's key away.
final class APIKeyDesk: APIKeyAdmitting {
    /// How long one look at the file may take.
    private static let deadline = Duration.seconds(2)

    private struct State {
        var book = APIKeyBook()
        /// By ids, so that a new key of an old name starts afresh.
        var allowances: [String: APIKeyAllowance] = [:]
        var lastFailure: String?
    }

    private let file: APIKeyFile
    private let pool: BlockingPool
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(file: APIKeyFile, pool: BlockingPool, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.file = file
        self.pool = pool
        self.logger = logger
        self.now = now
    }

    /// Reads the file again.
    func look() async {
        do {
            let book = try await pool.run("read the API keys", deadline: .after(Self.deadline)) { [file] in
                try file.load()
            }
            adopt(book)
            note(book.unreadableCount == 0 ? nil : "\(book.unreadableCount) of its entries can't be understood.")
        } catch {
            note((error as? StateError)?.message ?? (error as? SystemError)?.message ?? "\(type(of: error))")
        }
    }

    private func adopt(_ book: APIKeyBook) {
        let ids = Set(book.keys.map(\.id))
        state.withLock { state in
            state.book = book
            state.allowances = state.allowances.filter { ids.contains($0.key) }
        }
    }

    func key(for secret: Secret) -> APIKey? {
        guard APIKey.isMeant(by: secret) else { return nil }
        let digest = Self.digest(of: secret)
        return state.withLock { $0.book[digest: digest] }
    }

    func admit(_ key: APIKey, at instant: ContinuousClock.Instant) -> APIKeyAllowance.Refusal? {
        let time = now()
        return state.withLock {
            $0.allowances[key.id, default: APIKeyAllowance()].admit(key.limits, at: instant, on: time)
        }
    }

    /// Counts what a request took that is over.
    func take(_ record: UsageRecord) {
        guard let name = record.apiKey else { return }
        state.withLock { state in
            guard let key = state.book[named: name] else { return }
            state.allowances[key.id, default: APIKeyAllowance()].spend(
                Int(clamping: record.tokens.total), at: record.endedAt)
        }
    }

    /// Takes up what this day's requests took before the gateway started. What can't be read counts as nothing, since the
    /// keys' holders can't help it.
    ///
    /// - Parameter path: The usage database.
    func recall(from path: String) async {
        let bounded = state.withLock { $0.book.keys.filter { $0.limits.tokensPerDay != nil } }
        guard !bounded.isEmpty else { return }
        let time = now()
        let slices: [UsageSlice]
        do {
            slices = try await pool.run("read this day's use", deadline: .after(Self.deadline)) {
                try UsageReader.slices(at: path, in: APIKeyAllowance.day(of: time))
            }
        } catch {
            logger.warning(
                "What API keys have used today can't be read; their days begin anew",
                metadata: [LogKey.errorCause: "\((error as? StateError)?.message ?? "\(type(of: error))")"])
            return
        }
        state.withLock { state in
            for key in bounded {
                // A key of the same name that was revoked before this one was made is another one.
                let own = slices.filter {
                    $0.names.apiKey == key.name
                        && $0.start.milliseconds + UsageSlice.length > key.createdAt.milliseconds
                }
                let tokens = own.reduce(0) { $0 + Int(clamping: $1.totals.tokens.total) }
                state.allowances[key.id, default: APIKeyAllowance()].spend(tokens, at: time)
            }
        }
    }

    /// SHA-256 of a key's text.
    static func digest(of secret: Secret) -> [UInt8] { Array(SHA256.hash(data: Array(secret.exposed.utf8))) }

    /// Logs that the file can't be used, once, and that it can again.
    private func note(_ failure: String?) {
        let isNews = state.withLock { state in
            defer { state.lastFailure = failure }
            return state.lastFailure != failure
        }
        guard isNews else { return }
        if let failure {
            logger.warning(
                "The file of API keys can't be used as it is; the keys that are known stay",
                metadata: [LogKey.errorCause: "\(failure)"])
        } else {
            logger.notice("The file of API keys can be used again")
        }
    }
}
