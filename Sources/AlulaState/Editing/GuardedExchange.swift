import AlulaPrimitives
import AlulaSystem
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Puts a finished text in the place of another, if that one is still what it was.
///
/// No system call compares and renames in one step, so the two files change places and what came out is looked at: if
/// it is something else than expected, it goes back. Programs that don't know our lock are kept from what happens in
/// between by two leases: nobody opens our text before it is sure to stay, and nobody starts to write into the old text
/// while it is taken away. Who came for our text and must not have it gets the one that stays.
///
/// What is left: where there are no leases (see ``FileLease``), a program that opens the file within the moment of such
/// an exchange sees a text that is taken back, and one that had opened the file for writing before writes into a file
/// that has no name any more.
struct GuardedExchange {
    /// Where an exchange is, for tests that come in between.
    enum Moment: Sendable {
        /// Everything was looked at; the next step is the exchange.
        case ready
        /// The new text has the name, and it is not known whether it stays.
        case exchanged
        /// The new text was taken back, and who waits for it still waits.
        case takenBack
    }

    /// How long a program may write into the file that we want to replace.
    private static let patience = Duration.seconds(2)
    /// Somebody who puts new texts in place as fast as we can look is let win.
    private static let maximumRounds = 100

    /// The file, which exists.
    let path: String
    /// The new text, whole, beside it. Afterwards the old one has this name, or again the new one.
    let fresh: String
    var observe: (Moment) -> Void = { _ in }

    /// Exchanges them. Blocks the calling thread.
    ///
    /// - Returns: `false` where the file system can't exchange names; then nothing has happened.
    /// - Throws: ``SystemError/Code/alreadyExists`` when the file is not `before`, or about to change.
    func run(expecting before: [UInt8]) throws(SystemError) -> Bool {
        let ours = leaseAgainstEverybody()
        defer { ours?.release() }
        let old = try leaseAgainstWriters()
        defer { old?.release() }
        let mine = try FileIdentity.of(fresh, followsLinks: false)
        guard try ConfigurationFileWriter.current(path) == before, old?.isWanted != true else {
            throw ConfigurationFileWriter.changed
        }
        observe(.ready)
        guard alula_exchange_names(fresh, path) == 0 else {
            // Somebody removed the file just now.
            if errno == ENOENT { throw ConfigurationFileWriter.changed }
            return false
        }
        observe(.exchanged)
        guard try ConfigurationFileWriter.current(fresh) == before, old?.isWanted != true else {
            try takeBack(mine)
            if let ours, try FileIdentity.ofExisting(fresh, followsLinks: false)?.isSameFile(as: mine) == true {
                try ours.fill(try ConfigurationFileWriter.current(path) ?? [])
            }
            observe(.takenBack)
            throw ConfigurationFileWriter.changed
        }
        return true
    }

    /// A new text that can't be kept closed, such as one that a backup program looks at, is put in place all the same.
    private func leaseAgainstEverybody() -> FileLease? {
        do { return try FileLease.take(fresh, against: .everybody) } catch { return nil }
    }

    /// Waits for programs that are writing into the file.
    private func leaseAgainstWriters() throws(SystemError) -> FileLease? {
        let end = Deadline.after(Self.patience)
        while true {
            do throws(SystemError) {
                return try FileLease.take(path, against: .writers)
            } catch {
                switch error.code {
                case .lockHeld where !end.hasPassed: SystemThread.sleep(for: .milliseconds(2))
                case .lockHeld, .notFound: throw ConfigurationFileWriter.changed
                default: throw error
                }
            }
        }
    }

    /// Undoes the exchange. Whatever somebody else put in the place of our text meanwhile is newer than what we took
    /// away, and has the name in the end.
    private func takeBack(_ mine: FileIdentity) throws(SystemError) {
        var expected = mine
        for _ in 0..<Self.maximumRounds {
            let back = try FileIdentity.of(fresh, followsLinks: false)
            guard alula_exchange_names(fresh, path) == 0 else {
                // Removed by somebody meanwhile, who meant what we had put there or what would be there without us.
                if errno == ENOENT { return }
                throw SystemError(.current, while: "put the file back")
            }
            if try FileIdentity.of(fresh, followsLinks: false).isSameFile(as: expected) { return }
            expected = back
        }
    }
}
