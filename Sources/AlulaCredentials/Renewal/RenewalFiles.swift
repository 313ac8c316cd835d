import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Crypto

/// Where renewals leave word for each other: our own folder with a lock and a record for each refresh token, and the
/// reference's locks. Everything here blocks the calling thread.
package struct RenewalFiles: Sendable {
    /// Room for the largest answer of a token endpoint that is kept.
    static let room = ByteCount.kibibytes(256)
    /// How long it is remembered where a used up token's login went.
    private static let memory = Duration.seconds(30 * 24 * 3600)

    private let directory: String
    private let referenceLock: @Sendable (String) -> String

    /// - Parameters:
    ///   - directory: Ours alone; made when it is first needed.
    ///   - referenceLock: The path of the reference's lock, without its `.lock`, from the digest that names it.
    package init(directory: String, referenceLock: @escaping @Sendable (String) -> String) {
        self.directory = directory
        self.referenceLock = referenceLock
    }

    // MARK: Locks

    /// Both locks of a login that is being renewed.
    struct Locks: Sendable {
        fileprivate let token: FileLock
        fileprivate let reference: SidecarLock

        func release() {
            reference.release()
            token.release()
        }
    }

    /// Takes both locks if they are free; `nil` when somebody has one of them.
    ///
    /// Ours is the token's, since agents keep copies of one login under several names, and ends with its holder. The
    /// reference's is the name's: a running OpenClaw takes it.
    func tryLock(_ token: FactVersion, provider: ProviderID, profile: ProfileID) throws(SystemError) -> Locks? {
        try Directory.make(directory)
        guard let own = try FileLock.tryAcquire("\(directory)/\(token).lock", note: []) else { return nil }
        let path = referenceLock(Self.digest(provider, profile))
        do throws(SystemError) {
            try Directory.make(PathText.directory(of: path))
            if let reference = try SidecarLock.tryAcquire(for: path, policy: .tokenRefresh) {
                return Locks(token: own, reference: reference)
            }
        } catch {
            own.release()
            throw error
        }
        // Nobody waits for one of the two with the other in hand.
        own.release()
        return nil
    }

    private static func digest(_ provider: ProviderID, _ profile: ProfileID) -> String {
        SHA256.hash(data: Array("\(provider.rawValue)\u{0}\(profile.rawValue)".utf8))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: Records, under the token's lock

    /// What is known about `token`; `nil` when nothing is.
    func record(of token: FactVersion) throws(SystemError) -> RenewalRecord? {
        try ReservedFile.content(of: path(of: token), maximum: Self.room).map { RenewalRecord(parsing: $0) }
    }

    /// Takes room for what the provider will send.
    func reserve(for token: FactVersion) throws(SystemError) -> ReservedFile {
        try ReservedFile.reserve(path(of: token), room: Self.room)
    }

    /// Replaces the record of `token`, durably; `nil` removes it.
    func keep(_ record: RenewalRecord?, of token: FactVersion) throws(SystemError) {
        guard let record else { return try DurableFile.remove(path(of: token)) }
        try DurableFile.replace(path(of: token), with: record.text)
    }

    /// Tokens for which somebody got new ones and was killed before they were everywhere. Needs no lock.
    func unfinished() throws(SystemError) -> [FactVersion: RenewalRecord.Place] {
        guard try FileIdentity.ofExisting(directory) != nil else { return [:] }
        var found: [FactVersion: RenewalRecord.Place] = [:]
        for entry in try Directory.list(directory) where entry.name.hasSuffix(".json") {
            guard let digest = UInt64(entry.name.dropLast(".json".count), radix: 16) else { continue }
            let token = FactVersion(rawValue: digest)
            if case .granted(_, let place)? = try record(of: token) { found[token] = place }
        }
        return found
    }

    /// Removes what nobody can need any more.
    ///
    /// - Returns: How many files went.
    @discardableResult
    func removeOld(at now: Timestamp) throws(SystemError) -> Int {
        var removed = 0
        for entry in try Directory.list(directory) {
            let path = "\(directory)/\(entry.name)"
            guard let identity = try FileIdentity.ofExisting(path, followsLinks: false),
                now.duration(since: Timestamp(milliseconds: identity.modified / 1_000_000)) > Self.memory
            else { continue }
            if entry.name.hasSuffix(".lock") {
                guard let lock = try FileLock.tryAcquire(path, note: []) else { continue }
                defer { lock.release() }
                try DurableFile.remove(path)
            } else {
                // New tokens stay until some store has them.
                if let bytes = try ReservedFile.content(of: path, maximum: Self.room),
                    case .granted = RenewalRecord(parsing: bytes)
                {
                    continue
                }
                try DurableFile.remove(path)
            }
            removed += 1
        }
        return removed
    }

    private func path(of token: FactVersion) -> String { "\(directory)/\(token).json" }
}
