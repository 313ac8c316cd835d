import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct DurableFileTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func replace(_ name: String, _ text: String, mode: UInt32 = 0o600) throws -> DurableFile.Outcome {
        try BlockingContext.permit { try DurableFile.replace(directory(name), with: Array(text.utf8), mode: mode) }
    }

    @Test func writesANewFileForItsOwnerOnly() throws {
        let outcome = try replace("file", "text")
        #expect(outcome.didWrite)
        #expect(outcome.identity.mode == 0o600)
        #expect(try directory.text("file") == "text")
        #expect(try directory.names == ["file"])
    }

    @Test func replacesContentAndRights() throws {
        try directory.write("file", "old", mode: 0o644)
        let outcome = try replace("file", "new")
        #expect(outcome.identity.mode == 0o600)
        #expect(try directory.text("file") == "new")
        #expect(try directory.names == ["file"])
    }

    @Test func repairsOnlyTheRightsOfAnEqualFile() throws {
        let path = try directory.write("file", "same", mode: 0o644)
        let before = try BlockingContext.permit { try FileIdentity.of(path) }
        let outcome = try replace("file", "same")
        #expect(!outcome.didWrite)
        #expect(outcome.identity.isSameFile(as: before))
        #expect(outcome.identity.modified == before.modified)
        #expect(outcome.identity.mode == 0o600)
    }

    @Test func writesThroughALinkAndKeepsIt() throws {
        mkdir(directory("real"), 0o700)
        try directory.write("real/file", "old")
        symlink("real/file", directory("link"))
        symlink("real/new", directory("dangling"))
        _ = try replace("link", "new")
        _ = try replace("dangling", "fresh")
        #expect(try directory.text("real/file") == "new")
        #expect(try directory.text("real/new") == "fresh")
        let kinds = try BlockingContext.permit { try Directory.list(directory.path).map(\.kind) }
        #expect(kinds == [.symbolicLink, .symbolicLink, .directory])
    }

    @Test func refusesWhatIsNoFile() throws {
        mkdir(directory("sub"), 0o700)
        mkfifo(directory("pipe"), 0o600)
        symlink("loop", directory("loop"))
        for (name, code) in [("sub", SystemError.Code.isDirectory), ("pipe", .isPipe), ("loop", .linkLoop)] {
            let error = #expect(throws: SystemError.self) { try replace(name, "text") }
            #expect(error?.code == code)
        }
        let error = #expect(throws: SystemError.self) { try replace("missing/file", "text") }
        #expect(error?.code == .notFound)
    }

    @Test func keepsLongNamesWithinTheSystemsLimit() throws {
        let name = String(repeating: "é", count: 120)
        _ = try replace(name, "text")
        #expect(try directory.text(name) == "text")
    }

    @Test(.enabled(if: geteuid() == 0)) func keepsTheOwnerWhenRunAsRoot() throws {
        chown(try directory.write("file", "old"), 12_345, gid_t.max)
        #expect(try replace("file", "new").identity.uid == 12_345)
    }

    #if os(Linux)
    @Test(.enabled(if: geteuid() == 0)) func keepsTheOldContentOnAFullDisk() throws {
        let small = directory("small")
        mkdir(small, 0o700)
        try #require(mount("tmpfs", small, "tmpfs", 0, "size=64k") == 0)
        defer { umount(small) }
        _ = try replace("small/file", "old")
        let error = #expect(throws: SystemError.self) {
            try replace("small/file", String(repeating: "x", count: 256 << 10))
        }
        #expect(error?.code == .noSpace)
        #expect(try directory.text("small/file") == "old")
        let names = try BlockingContext.permit { try Directory.list(small).map(\.name) }
        #expect(names == ["file"])
        _ = try replace("small/file", "again")
        #expect(try directory.text("small/file") == "again")
    }

    @Test(.enabled(if: geteuid() == 0)) func keepsTheOldContentOnAReadOnlyDisk() throws {
        let small = directory("small")
        mkdir(small, 0o700)
        try #require(mount("tmpfs", small, "tmpfs", 0, "size=64k") == 0)
        defer { umount(small) }
        _ = try replace("small/file", "old")
        try #require(mount("tmpfs", small, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
        let error = #expect(throws: SystemError.self) { try replace("small/file", "new") }
        #expect(error?.code == .readOnlyFileSystem)
        #expect(try directory.text("small/file") == "old")
    }
    #endif

    @Test func keepsTheOldContentWhenTheFileWouldOutgrowItsLimit() async throws {
        let path = try directory.write("file", "old")
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            BlockingContext.permit {
                let error = #expect(throws: SystemError.self) {
                    try DurableFile.replace(path, with: [UInt8](repeating: 65, count: 5000))
                }
                #expect(error?.code == .tooLarge)
            }
        }
        #expect(try directory.text("file") == "old")
        #expect(try directory.names == ["file"])
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13]) func losesNothingToAKill(replacements: Int) async throws {
        let versions = [String(repeating: "a", count: 40_000), String(repeating: "b", count: 70_000)]
        let path = try directory.write("file", versions[1])
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, versions = versions as [String], replacements = replacements as Int] in
            let count = Monitor(0)
            try SystemThread.start(name: "writer") {
                for round in 0... {
                    do {
                        try DurableFile.replace(path, with: Array(versions[round % 2].utf8))
                    } catch {
                        Issue.record(error)
                    }
                    count.withLock { $0 += 1 }
                    count.signalAll()
                }
            }
            count.wait { $0 >= replacements ? .done(()) : .wait(on: 0, until: nil) }
            kill(getpid(), SIGKILL)
        }
        #expect(versions.contains(try directory.text("file")))
        try BlockingContext.permit {
            try directory.write(".file.1.alive.tmp", "")
            try DurableFile.removeLeftovers(of: path)
            #expect(try directory.names == [".file.1.alive.tmp", "file"])
        }
    }

    /// Nobody else clears up after a gateway that is killed now and then, and what it leaves can be as large as its files.
    @Test func clearsWhatKilledWritersLeft() throws {
        try directory.write("file", "old")
        // One of another process that has ended, and one of a process that had this one's id.
        try directory.write(".file.2147483646.dead.tmp", "half")
        try directory.write(".file.\(getpid()).dead.tmp", "half")
        try directory.write(".file.1.alive.tmp", "half")
        try directory.write(".other.2147483646.dead.tmp", "half")
        _ = try replace("file", "new")
        #expect(try directory.text("file") == "new")
        #expect(try directory.names == [".file.1.alive.tmp", ".other.2147483646.dead.tmp", "file"])
    }

    @Test func removesAFileAndNoOther() throws {
        try directory.write("file", "old")
        try directory.write("other", "old")
        try BlockingContext.permit {
            try DurableFile.remove(directory("file"))
            // Nothing is left to do.
            try DurableFile.remove(directory("file"))
            try DurableFile.remove(directory("missing/file"))
        }
        #expect(try directory.names == ["other"])
    }

    @Test func readersSeeOldOrNewContentAndNothingBetween() async throws {
        let versions = [String(repeating: "a", count: 40_000), String(repeating: "b", count: 70_000)]
        _ = try replace("file", versions[0])
        let pool = BlockingPool()
        async let torn = pool.run("read", deadline: .after(.seconds(60))) {
            var torn = 0
            for _ in 0..<400 where try !versions.contains(directory.text("file")) { torn += 1 }
            return torn
        }
        try await pool.run("write", deadline: .after(.seconds(60))) {
            for round in 0..<60 { _ = try replace("file", versions[round % 2]) }
        }
        #expect(try await torn == 0)
    }
}
