import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaState

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite(.timeLimit(.minutes(1)))
final class FileWatcherTests {
    private let directory: TemporaryDirectory
    private let watcher: FileWatcher

    init() throws {
        directory = try TemporaryDirectory()
        watcher = try FileWatcher()
    }

    deinit { watcher.stop() }

    private func path(_ name: String) -> String { directory(name) }

    private func write(_ name: String, _ text: String) throws {
        let file = try #require(fopen(path(name), "w"))
        fputs(text, file)
        fclose(file)
    }

    /// Puts a file in place whole: a look that falls between emptying and writing would see two changes.
    private func place(_ name: String, _ text: String) throws {
        try write(name + ".new", text)
        try #require(rename(path(name + ".new"), path(name)) == 0)
    }

    /// Watches, and waits until the watches stand: setting up reports every path once.
    private func watch(_ paths: String...) async {
        watcher.watch(Set(paths))
        var seen: Set<String> = []
        while !seen.isSuperset(of: paths) {
            guard let changed = await watcher.changes() else { return }
            seen.formUnion(changed)
        }
    }

    private func next(containing path: String) async -> Bool {
        while let changed = await watcher.changes() { if changed.contains(path) { return true } }
        return false
    }

    @Test func seesAWriteInPlace() async throws {
        try write("a.json", "1")
        await watch(path("a.json"))
        try write("a.json", "2")
        #expect(await next(containing: path("a.json")))
    }

    @Test func seesEveryReplacementByRename() async throws {
        try write("a.json", "0")
        await watch(path("a.json"))
        for round in 1...5 {
            try write("a.tmp", "\(round)")
            rename(path("a.tmp"), path("a.json"))
            #expect(await next(containing: path("a.json")))
        }
    }

    @Test func seesAFileInADirectoryThatIsNotThereYet() async throws {
        await watch(path("x/y/z.json"))
        mkdir(path("x"), 0o700)
        mkdir(path("x/y"), 0o700)
        try write("x/y/z.json", "1")
        #expect(await next(containing: path("x/y/z.json")))
        // The watch has moved down, or is about to; in both cases a later write is seen.
        while watcher.isArming { await Task.yield() }
        try write("x/y/z.json", "2")
        #expect(await next(containing: path("x/y/z.json")))
    }

    @Test func seesADirectoryThatIsReplaced() async throws {
        mkdir(path("d"), 0o700)
        try write("d/f.json", "1")
        await watch(path("d/f.json"))
        rename(path("d"), path("old"))
        #expect(await next(containing: path("d/f.json")))
        while watcher.isArming { await Task.yield() }
        mkdir(path("d"), 0o700)
        try write("d/f.json", "2")
        #expect(await next(containing: path("d/f.json")))
    }

    @Test func seesWhatALinkLeadsTo() async throws {
        mkdir(path("real"), 0o700)
        try write("real/f.json", "1")
        symlink(path("real/f.json"), path("link.json"))
        await watch(path("link.json"))
        try write("real/f.json", "2")
        #expect(await next(containing: path("link.json")))
    }

    @Test func seesChangedRightsAndRemoval() async throws {
        try write("a.json", "1")
        await watch(path("a.json"))
        chmod(path("a.json"), 0o400)
        #expect(await next(containing: path("a.json")))
        unlink(path("a.json"))
        #expect(await next(containing: path("a.json")))
    }

    @Test func forgetsWhatIsNoLongerWanted() async throws {
        try write("a.json", "1")
        try write("b.json", "1")
        await watch(path("a.json"), path("b.json"))
        watcher.watch([path("b.json")])
        try write("a.json", "2")
        try write("b.json", "2")
        let changed = await watcher.changes()
        #expect(changed == [path("b.json")])
    }

    @Test func endsWhenStopped() async {
        watcher.stop()
        #expect(await watcher.changes() == nil)
    }

    @Test func seesAFileThatAppearsInADirectoryBehindALink() async throws {
        mkdir(path("real"), 0o700)
        symlink(path("real"), path("link"))
        try write("real/there.json", "1")
        await watch(path("link/there.json"), path("link/missing.json"), path("real/missing.json"))
        try write("real/missing.json", "1")
        #expect(await next(containing: path("link/missing.json")))
    }

    @Test func seesALinkInTheMiddleBeingTurned() async throws {
        // This is how a cluster mounts its settings.
        for version in ["v1", "v2"] {
            mkdir(path(version), 0o700)
            try write("\(version)/f.json", version)
        }
        symlink("v1", path("current"))
        symlink("current/f.json", path("f.json"))
        await watch(path("f.json"))
        symlink("v2", path("next"))
        rename(path("next"), path("current"))
        #expect(await next(containing: path("f.json")))
        while watcher.isArming { await Task.yield() }
        try write("v2/f.json", "again")
        #expect(await next(containing: path("f.json")))
    }

    @Test func seesAWholeTreeBeingReplaced() async throws {
        func make(_ root: String) throws {
            for part in ["", "/agents", "/agents/main", "/agents/main/agent"] { mkdir(path(root + part), 0o700) }
            try write("\(root)/openclaw.json", "1")
            try write("\(root)/agents/main/agent/auth-profiles.json", "1")
        }
        try make("state")
        try make("backup")
        let store = path("state/agents/main/agent/auth-profiles.json")
        await watch(path("state/openclaw.json"), store)
        rename(path("state"), path("old"))
        #expect(await next(containing: store))
        rename(path("backup"), path("state"))
        while watcher.isArming { await Task.yield() }
        _ = await next(containing: store)
        try write("state/agents/main/agent/auth-profiles.json", "2")
        #expect(await next(containing: store))
    }

    @Test func seesALinkThatTakesAFilesPlace() async throws {
        try write("f.json", "1")
        try write("target.json", "1")
        await watch(path("f.json"))
        symlink("target.json", path("link"))
        rename(path("link"), path("f.json"))
        #expect(await next(containing: path("f.json")))
        while watcher.isArming { await Task.yield() }
        try write("target.json", "2")
        #expect(await next(containing: path("f.json")))
    }

    @Test func pollsWhatCannotBeWatched() async throws {
        let watcher = try FileWatcher(usesEvents: false) { _ in }
        defer { watcher.stop() }
        try place("f.json", "1")
        watcher.watch([path("f.json"), path("g.json")])
        var reported: Set<String> = []
        while reported.count < 2 { reported.formUnion(await watcher.changes() ?? []) }
        #expect(watcher.statistics.polledPaths == 2)
        try place("f.json", "22")
        #expect(await watcher.changes() == [path("f.json")])
        try place("g.json", "1")
        #expect(await watcher.changes() == [path("g.json")])
        unlink(path("f.json"))
        #expect(await watcher.changes() == [path("f.json")])
    }

    @Test func goesOnWhileADirectoryHangs() async throws {
        let hung = path("hung/")
        let gate = Monitor(false)
        let watcher = try FileWatcher(usesEvents: true) { path in
            guard path.hasPrefix(hung) else { return }
            gate.wait { $0 ? .done(()) : .wait(on: 0, until: nil) }
        }
        defer { watcher.stop() }
        mkdir(path("hung"), 0o700)
        try write("f.json", "1")
        watcher.watch([path("hung/a.json"), path("hung/b.json"), path("hung/sub/c.json"), path("f.json")])
        #expect(await watcher.changes() == [path("f.json")])
        try write("f.json", "2")
        #expect(await watcher.changes() == [path("f.json")])
        // One for each directory that was met on its own, if any was before the file that is fine.
        #expect(watcher.statistics.stuckThreads <= 2)
        gate.withLock { $0 = true }
        gate.signalAll()
        // A write is two events, and the second may come by itself: only what is waited for is counted.
        var awaited: Set = [path("hung/a.json"), path("hung/b.json"), path("hung/sub/c.json")]
        while !awaited.isEmpty { awaited.subtract(try #require(await watcher.changes())) }
        try write("hung/b.json", "1")
        var isReported = false
        while !isReported { isReported = try #require(await watcher.changes()).contains(path("hung/b.json")) }
    }

    @Test func givesUpWatchesThatAreOfNoMoreUse() async throws {
        for name in ["one", "two"] { mkdir(path(name), 0o700) }
        await watch(path("one/f"), path("two/f"))
        while watcher.isArming { await Task.yield() }
        let before = watcher.statistics.watchedDirectories
        try #require(before > 0, "The system gives no more watches.")
        watcher.watch([path("one/f")])
        // The collection comes with the next piece of work.
        try write("one/f", "1")
        _ = await next(containing: path("one/f"))
        while watcher.statistics.watchedDirectories >= before { await Task.yield() }
        #expect(watcher.statistics.watchedDirectories == before - 1)
    }

    @Test func watchesThousandsOfFiles() async throws {
        var paths: Set<String> = []
        for agent in 0..<1000 {
            mkdir(path("a\(agent)"), 0o700)
            for name in ["p.json", "s.json", "db.sqlite"] { paths.insert(path("a\(agent)/\(name)")) }
        }
        watcher.watch(paths)
        var reported: Set<String> = []
        while reported.count < paths.count { reported.formUnion(await watcher.changes() ?? []) }
        try write("a777/s.json", "1")
        #expect(await next(containing: path("a777/s.json")))
    }

    @Test func mayBeStoppedTwice() async {
        watcher.stop()
        watcher.stop()
        #expect(await watcher.changes() == nil)
    }
}
