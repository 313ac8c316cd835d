import AlulaSystem
import Synchronization
import Testing

/// How a write goes when nothing happens to it, which everything else is compared with.
struct CrashReference: Sendable {
    let write: DurableWrite
    let before: DurableWrite.View
    let after: DurableWrite.View
    /// After the next write, of what was there with the write and without it.
    let afterNext: [DurableWrite.View]
    let run: WatchedRun

    /// At most so many unfinished files are left by one kill: the new text, its temporary file, and a lock of another program.
    private static let maximumLeftovers = 3

    private static let known = Mutex<[String: CrashReference]>([:])

    /// Finds out once how `write` goes.
    static func of(_ write: DurableWrite) async throws -> CrashReference {
        if let known = known.withLock({ $0[write.name] }) { return known }
        let made = try await CrashReference(write)
        known.withLock { $0[write.name] = made }
        return made
    }

    private init(_ write: DurableWrite) async throws {
        self.write = write
        let installation = try Installation()
        try write.prepare(installation)
        before = try write.view(installation)
        run = try await installation.perform(write)
        try #require(run.status == .exited(0), "\(run.status) \(run.output)")
        after = try write.view(installation)
        try #require(before.contents != after.contents || before.names != after.names, "\(write) changes nothing")
        let next = try await installation.performNext(write)
        try #require(next.status == .exited(0), "\(next.output)")
        let other = try Installation()
        try write.prepare(other)
        let nextAlone = try await other.performNext(write)
        try #require(nextAlone.status == .exited(0), "\(nextAlone.output)")
        afterNext = [try write.view(installation), try write.view(other)]
    }

    /// Lets `fault` happen to the write in a fresh installation, and goes on as life does.
    ///
    /// - Returns: How the program ended, and what was lost.
    func meet(_ fault: Fault, withOutsideEdit: Bool) async throws -> (run: WatchedRun, losses: [String]) {
        let installation = try Installation()
        try write.prepare(installation)
        let run = try await installation.perform(write, fault)
        var losses = try lossesAtOnce(installation, run)
        let check = withOutsideEdit ? try write.outside?(installation) : nil
        let next = try await installation.performNext(write)
        if next.status != .exited(0) { losses.append("the next write failed: \(next.status) \(next.output)") }
        if let check {
            if try !check(installation) { losses.append("another program's edit is gone after the next write") }
        }
        losses += try lossesLater(installation, comparesContents: check == nil)
        return (run, losses)
    }

    private func lossesAtOnce(_ installation: Installation, _ run: WatchedRun) throws -> [String] {
        let view = try write.view(installation)
        var losses = view.contents.compactMap { part, content -> String? in
            let allowed = [before.contents[part], after.contents[part]]
            return allowed.contains(content) ? nil : "\(part) is neither old nor new: \(content)"
        }
        let strangers = view.names.subtracting(before.names).subtracting(after.names)
        switch run.status {
        case .exited(0) where view.contents != after.contents && write.program != .gateway:
            losses.append("done was said, and it is not there: \(run.output)")
        case .exited where !strangers.isEmpty:
            losses.append("it ended by itself and left \(strangers.sorted())")
        case .exited, .signalled, .unknown:
            if strangers.count > Self.maximumLeftovers { losses.append("it left \(strangers.sorted())") }
        }
        return losses
    }

    private func lossesLater(_ installation: Installation, comparesContents: Bool) throws -> [String] {
        let view = try write.view(installation)
        var losses: [String] = []
        if comparesContents {
            losses += view.contents.compactMap { part, content in
                afterNext.contains { $0.contents[part] == content }
                    ? nil : "\(part) is wrong after the next write: \(content)"
            }
        }
        let strangers = afterNext.reduce(view.names) { $0.subtracting($1.names) }
        if !strangers.isEmpty { losses.append("the next write left \(strangers.sorted())") }
        return losses
    }
}
