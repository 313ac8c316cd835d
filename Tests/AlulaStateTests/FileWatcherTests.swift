import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaState

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite(.timeLimit(.minutes(1)))
struct FileWatcherTests {
    private let directory: String
    private let watcher: FileWatcher

    init() throws {
        var template = Array("/tmp/alula-watch-XXXXXX\0".utf8CString.dropLast(1)) + [0]
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        watcher = try FileWatcher()
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func write(_ name: String, _ text: String) throws {
        let file = try #require(fopen(path(name), "w"))
        fputs(text, file)
        fclose(file)
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
}

struct WatchMapTests {
    @Test(arguments: [("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a")])
    func splitsPaths(_ path: String, _ directory: String, _ name: String) {
        let parts = WatchMap.split(path)
        #expect(parts.directory == directory)
        #expect(parts.name == name)
    }

    @Test func forgetsDirectoriesThatTellAboutNothing() {
        var map = WatchMap()
        map.add("/a/f", directory: "/a", name: "f")
        map.add("/a/g", directory: "/a", name: "g")
        map.add("/x/link", directory: "/a", name: "f")
        map.remove(["/a/f"])
        #expect(map.paths(in: "/a", name: "f") == ["/x/link"])
        map.remove(["/x/link", "/a/g"])
        #expect(map.directories.isEmpty)
    }
}
